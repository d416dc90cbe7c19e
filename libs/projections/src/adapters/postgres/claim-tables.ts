import type { EventLog } from '#event-store';
import { letUseSchema, type Queries } from '#postgres';
import { claimEpoch, type KnownEpochs } from '../claim-epoch.ts';
import { integer, text } from '../columns.ts';
import { liveSchemaOf, schemaOf } from './version-schema.ts';

/**
 * Makes the read model with these tables belong to an event store. Its versions are removed where they belong to a former
 * epoch. The first call for these tables also removes the read models of older programs, but for the newest one: processes
 * of that program may run until they are replaced.
 *
 * @param tables number of the tables of this program's projections
 * @throws ForeignReadModelError when the database holds the read model of another event store
 * @throws LogRestoredError when the event store has an epoch that the database has left behind
 */
export async function claimTables(
  queries: Queries,
  log: Pick<EventLog, 'epoch' | 'formerEpochs'>,
  tables: number,
): Promise<void> {
  const own = await knownEpochs(queries, 'WHERE tables = $1', [tables]);
  const known = own ?? (await knownEpochs(queries)) ?? (await epochsOfFirstPrograms(queries));
  const decided = claimEpoch(known, log, 'Use a database of its own');
  if (own !== null && decided.action === 'keep') return;
  if (decided.action === 'begin') {
    await removeVersions(queries, tables);
    // Without a read model, those of a backup are there: they are events of this log.
    if (known !== null) await queries.write('DELETE FROM reachability.skipped_events');
  }
  const epochs = decided.action === 'begin' ? decided.epochs : known;
  await queries.write(
    `INSERT INTO reachability.read_models VALUES ($1, $2, $3::text[])
     ON CONFLICT (tables) DO UPDATE SET epoch = excluded.epoch, left_epochs = excluded.left_epochs`,
    [tables, log.epoch, epochs?.left ?? []],
  );
  if (own !== null) return;
  await queries.write(`CREATE SCHEMA IF NOT EXISTS ${liveSchemaOf(tables)}`);
  await letUseSchema(queries, liveSchemaOf(tables));
  await removeOlderTables(queries, tables);
}

/** Removes the read models of all other programs, and returns the names of the versions that they had. */
export async function removeOtherTables(queries: Queries, tables: number): Promise<string[]> {
  const removed = await removeFirstPrograms(queries);
  for (const other of await otherTables(queries, tables)) {
    removed.push(...(await removeTables(queries, other)));
  }
  return removed;
}

async function removeOlderTables(queries: Queries, tables: number): Promise<void> {
  const older = (await otherTables(queries, tables)).filter((other) => other < tables);
  if (older.length === 0) return;
  await removeFirstPrograms(queries);
  for (const other of older.slice(0, -1)) await removeTables(queries, other);
}

/** Returns the numbers of the tables of other programs, in order. */
async function otherTables(queries: Queries, tables: number): Promise<number[]> {
  const rows = await queries.query(
    'SELECT tables FROM reachability.read_models WHERE tables <> $1 ORDER BY tables',
    [tables],
  );
  return rows.map((row) => integer(row, 'tables'));
}

async function removeTables(queries: Queries, tables: number): Promise<string[]> {
  const removed = await removeVersions(queries, tables);
  await queries.write('DELETE FROM reachability.read_models WHERE tables = $1', [tables]);
  await queries.write(`DROP SCHEMA IF EXISTS ${liveSchemaOf(tables)} CASCADE`);
  return removed;
}

/** Removes all versions with these tables, and with them the views of live ones. Their numbers are not used again. */
async function removeVersions(queries: Queries, tables: number): Promise<string[]> {
  const rows = await queries.query(
    'DELETE FROM reachability.read_model_versions WHERE tables = $1 RETURNING name, version',
    [tables],
  );
  return dropSchemas(queries, rows);
}

/** Removes the versions of programs that did not know of each other's tables. */
async function removeFirstPrograms(queries: Queries): Promise<string[]> {
  const rows = await queries.query(
    'DELETE FROM reachability.projection_versions RETURNING name, version',
  );
  return dropSchemas(queries, rows);
}

async function dropSchemas(
  queries: Queries,
  versions: readonly Readonly<Record<string, unknown>>[],
): Promise<string[]> {
  const schemas = versions.map((row) => schemaOf(text(row, 'name'), integer(row, 'version')));
  for (const schema of schemas) await queries.write(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  return schemas;
}

/** Returns the epochs of the newest read model, or of the one that is asked for; null where there is none. */
async function knownEpochs(
  queries: Queries,
  where = '',
  values: readonly number[] = [],
): Promise<KnownEpochs | null> {
  return readEpochs(queries, `read_models ${where} ORDER BY tables DESC LIMIT 1`, values);
}

function epochsOfFirstPrograms(queries: Queries): Promise<KnownEpochs | null> {
  return readEpochs(queries, 'read_model', []);
}

async function readEpochs(
  queries: Queries,
  from: string,
  values: readonly number[],
): Promise<KnownEpochs | null> {
  const [row] = await queries.query(
    `SELECT epoch, to_json(left_epochs)::text AS left_epochs FROM reachability.${from}`,
    values,
  );
  if (row === undefined) return null;
  return {
    epoch: text(row, 'epoch'),
    left: JSON.parse(text(row, 'left_epochs')) as readonly string[],
  };
}
