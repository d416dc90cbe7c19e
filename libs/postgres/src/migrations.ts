import { fileURLToPath } from 'node:url';
import { readdirSync } from 'node:fs';
import { runner } from 'node-pg-migrate';
import { openDatabase } from './database.ts';
import { DatabaseSchemaError, toDatabaseError } from './errors.ts';

const FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

/** The schema of everything that is not a version of a projection. */
export const SCHEMA = 'reachability';
const TABLE = 'migrations';

/**
 * Brings the schema to that of this program. Processes that start together wait for each other.
 *
 * @returns names of the migrations that this call made
 * @throws DatabaseUnavailableError
 */
export async function migrate(url: string): Promise<string[]> {
  try {
    const made = await runner({
      databaseUrl: url,
      dir: FOLDER,
      direction: 'up',
      schema: SCHEMA,
      createSchema: true,
      migrationsTable: TABLE,
      migrationsSchema: SCHEMA,
      createMigrationsSchema: true,
      advisoryLockMode: 'wait',
      checkOrder: true,
      log: () => undefined,
    });
    return made.map(({ name }) => name);
  } catch (error) {
    throw toDatabaseError(error);
  }
}

/**
 * Returns once it is certain that the database has the schema of this program.
 *
 * @throws DatabaseSchemaError that says what to do, if it has not
 */
export async function requireMigrated(url: string): Promise<void> {
  const database = openDatabase({ url, name: 'reachability', connections: 1 });
  try {
    const [found] = await database.query('SELECT to_regclass($1) AS migrations', [
      `${SCHEMA}.${TABLE}`,
    ]);
    const rows =
      found?.['migrations'] === null
        ? []
        : await database.query(`SELECT name FROM ${SCHEMA}.${TABLE}`);
    const made = new Set(rows.map((row) => row['name']));
    const known = migrationNames();
    const missing = known.filter((name) => !made.has(name));
    if (missing.length > 0) {
      throw new DatabaseSchemaError(
        `The database lacks ${missing.join(', ')}: run \`reachability store migrate\``,
      );
    }
    const newer = [...made].filter((name) => !known.includes(String(name)));
    if (newer.length > 0) {
      throw new DatabaseSchemaError(
        `The database was migrated by a newer program (${newer.join(', ')}): use that one`,
      );
    }
  } finally {
    await database.close();
  }
}

function migrationNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
}
