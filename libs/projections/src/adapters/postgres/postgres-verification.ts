import type { Database, Parameter, Queries } from '#postgres';
import type { ProjectionStore } from '../../projection-store.ts';
import { VersionStateError, type Verification } from '../../projection-versions.ts';
import { text, type SqlRow } from '../columns.ts';
import { compareRows } from '../compare-rows.ts';
import { createVersionSchema, type PostgresDefinition } from './version-schema.ts';
import { readStatus } from './version-rows.ts';

/** Rows that are read at once for a comparison. */
const PAGE = 2_000;

/** Verifications of one projection at the same time. */
const MOST_SCRATCH_VERSIONS = 8;

/**
 * Opens a snapshot of a live version beside an empty scratch version. The snapshot is a transaction that stays open, on a
 * connection of its own, until the verification is closed. It holds the lock of the scratch version, whose schema is
 * removed at the end, or, if the process was killed, by the next verification.
 *
 * @param live schema of the live version
 */
export async function openVerification<State>(
  database: Database,
  live: string,
  definition: PostgresDefinition<State>,
  storeOf: (schema: string) => ProjectionStore<State>,
): Promise<Verification<State>> {
  const closed = Promise.withResolvers<undefined>();
  const opened = Promise.withResolvers<{ readonly queries: Queries; readonly scratch: string }>();
  const snapshot = database.transaction('long snapshot', async (queries) => {
    opened.resolve({ queries, scratch: await lockScratch(queries, definition.name) });
    await closed.promise;
  });
  snapshot.catch(opened.reject);
  const { queries, scratch } = await opened.promise;
  const removeScratch = (): Promise<number> =>
    database.transaction('long write', (writes) =>
      writes.write(`DROP SCHEMA IF EXISTS ${scratch} CASCADE`),
    );
  const close = async (): Promise<void> => {
    await removeScratch();
    closed.resolve(undefined);
    await snapshot;
  };
  try {
    const { position, deadLetters } = await readStatus(queries, live);
    await removeScratch();
    await database.transaction('long write', (writes) =>
      createVersionSchema(writes, scratch, definition),
    );
    const keys = await primaryKeys(database, scratch, definition.tableNames);
    return {
      position,
      deadLetters,
      store: storeOf(scratch),
      compare: (signal) =>
        compareRows(
          keys.map(({ name, key }) => ({
            name,
            key,
            live: rowsInOrder(queries, `${live}.${name}`, key),
            rebuilt: rowsInOrder(database, `${scratch}.${name}`, key),
          })),
          signal,
        ),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Takes the first scratch schema that no other process uses, until the transaction ends. */
async function lockScratch(queries: Queries, name: string): Promise<string> {
  for (let number = 1; number <= MOST_SCRATCH_VERSIONS; number += 1) {
    const schema = `reachability_${name}_scratch_${number}`;
    const [lock] = await queries.query('SELECT pg_try_advisory_xact_lock(hashtext($1)) AS free', [
      schema,
    ]);
    if (lock?.['free'] === true) return schema;
  }
  throw new VersionStateError(`${MOST_SCRATCH_VERSIONS} verifications of ${name} are running`);
}

async function* rowsInOrder(
  queries: Queries,
  table: string,
  key: readonly string[],
): AsyncGenerator<SqlRow, undefined> {
  const columns = key.join(', ');
  const marks = key.map((_, index) => `$${index + 1}`).join(', ');
  let after: readonly Parameter[] | null = null;
  for (;;) {
    const where: string = after === null ? '' : `WHERE (${columns}) > (${marks})`;
    const rows: readonly SqlRow[] = await queries.query(
      `SELECT * FROM ${table} ${where} ORDER BY ${columns} LIMIT ${PAGE}`,
      after ?? [],
    );
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return undefined;
    after = key.map((column) => text(last, column));
  }
}

async function primaryKeys(
  queries: Queries,
  schema: string,
  tables: readonly string[],
): Promise<{ readonly name: string; readonly key: readonly string[] }[]> {
  const found = [];
  for (const name of [...tables].sort()) {
    const rows = await queries.query(
      `SELECT column_name::text AS name FROM information_schema.key_column_usage
       WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position`,
      [schema, name],
    );
    found.push({ name, key: rows.map((row) => text(row, 'name')) });
  }
  return found;
}
