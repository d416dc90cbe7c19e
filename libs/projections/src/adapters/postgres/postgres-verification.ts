import { randomBytes } from 'node:crypto';
import type { Database, Parameter, Queries } from '#postgres';
import type { ProjectionStore } from '../../projection-store.ts';
import type { Verification } from '../../projection-versions.ts';
import { text, type SqlRow } from '../columns.ts';
import { compareRows } from '../compare-rows.ts';
import { createVersionSchema, type PostgresDefinition } from './version-schema.ts';
import { readStatus } from './version-rows.ts';

/** Rows that are read at once for a comparison. */
const PAGE = 2_000;

/**
 * Opens a snapshot of a live version beside an empty scratch version. The snapshot is a transaction that stays open, on a
 * connection of its own, until the verification is closed. Removes the scratch versions of processes that ended without
 * removing theirs: each has a lock that ends with its process.
 *
 * @param live schema of the live version
 */
export async function openVerification<State>(
  database: Database,
  live: string,
  definition: PostgresDefinition<State>,
  storeOf: (schema: string) => ProjectionStore<State>,
): Promise<Verification<State>> {
  const scratch = `reachability_${definition.name}_scratch_${randomBytes(4).toString('hex')}`;
  const closed = Promise.withResolvers<undefined>();
  const opened = Promise.withResolvers<Queries>();
  const snapshot = database.transaction('long snapshot', async (queries) => {
    await queries.query('SELECT pg_advisory_xact_lock(hashtext($1))', [scratch]);
    opened.resolve(queries);
    await closed.promise;
  });
  snapshot.catch(opened.reject);
  const close = async (): Promise<void> => {
    closed.resolve(undefined);
    await snapshot;
    await removeAbandoned(database, definition.name);
  };
  const queries = await opened.promise;
  try {
    const { position, deadLetters } = await readStatus(queries, live);
    await removeAbandoned(database, definition.name);
    await database.transaction('long write', (writes) =>
      createVersionSchema(writes, scratch, definition),
    );
    const keys = await primaryKeys(database, scratch, definition.tableNames);
    return {
      position,
      deadLetters,
      store: storeOf(scratch),
      compare: () =>
        compareRows(
          keys.map(({ name, key }) => ({
            name,
            key,
            live: rowsInOrder(queries, `${live}.${name}`, key),
            rebuilt: rowsInOrder(database, `${scratch}.${name}`, key),
          })),
        ),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
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

/** Removes scratch versions whose process no longer holds their lock. */
async function removeAbandoned(database: Database, name: string): Promise<void> {
  const rows = await database.query(
    `SELECT nspname::text AS name FROM pg_namespace WHERE starts_with(nspname, $1)`,
    [`reachability_${name}_scratch_`],
  );
  for (const row of rows) {
    const schema = text(row, 'name');
    await database.transaction('long write', async (queries) => {
      const [lock] = await queries.query('SELECT pg_try_advisory_xact_lock(hashtext($1)) AS free', [
        schema,
      ]);
      if (lock?.['free'] === true) await queries.write(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    });
  }
}
