import { fileURLToPath } from 'node:url';
import { readdirSync } from 'node:fs';
import { runner } from 'node-pg-migrate';
import { parseDatabaseUrl } from './connection-url.ts';
import { openDatabase, type Database } from './database.ts';
import { DatabasePermissionError, DatabaseSchemaError, toDatabaseError } from './errors.ts';
import { grantPrivileges } from './privileges.ts';

const FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

/** The schema of everything that is not a version of a projection. */
export const SCHEMA = 'reachability';
const TABLE = 'migrations';
const CONNECT_TIMEOUT_MS = 3_000;

/** What a migration of the database did. */
export interface MigrationReport {
  /** Names of the migrations that were made, in order. */
  readonly made: readonly string[];
  /** Name of the newest migration that the database has now. */
  readonly newest: string;
  /** Roles that have got their privileges. */
  readonly roles: readonly string[];
}

/**
 * Brings the schema to that of this program, and gives the roles that exist their privileges. Processes that start
 * together wait for each other. Nothing changes where nothing is to be done.
 *
 * @throws DatabaseSchemaError if a newer program has migrated the database, or if this role may not
 * @throws DatabaseUnavailableError
 */
export async function migrate(url: string): Promise<MigrationReport> {
  return withDatabase(url, async (database) => {
    const { known, missing, newer } = await readMigrations(database);
    // It would take from the newer program the privileges that this one does not know.
    if (newer.length > 0) throw migratedByNewerProgram(newer);
    const made = missing.length === 0 ? [] : await runMigrations(url, missing);
    const roles = await grantPrivileges(database).catch(refuseMigration('grant privileges'));
    return { made, newest: known.at(-1) ?? '', roles };
  });
}

/**
 * Like {@link migrate}, for a process that starts: its role needs the privileges for it only where a migration is missing.
 *
 * @throws DatabaseSchemaError
 * @throws DatabaseUnavailableError
 */
export async function migrateIfNeeded(url: string): Promise<void> {
  const { missing } = await withDatabase(url, readMigrations);
  if (missing.length > 0) await migrate(url);
}

/**
 * Returns once it is certain that the database has the schema of this program.
 *
 * @throws DatabaseSchemaError that says what to do, if it has not
 * @throws DatabaseUnavailableError
 */
export async function requireMigrated(url: string): Promise<void> {
  const { missing } = await withDatabase(url, readMigrations);
  if (missing.length === 0) return;
  throw new DatabaseSchemaError(
    `The database lacks ${missing.join(', ')}: run \`reachability store migrate\``,
  );
}

async function runMigrations(url: string, missing: readonly string[]): Promise<string[]> {
  try {
    const made = await runner({
      databaseUrl: { ...parseDatabaseUrl(url), connectionTimeoutMillis: CONNECT_TIMEOUT_MS },
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
    return refuseMigration(`make ${missing.join(', ')}`)(toDatabaseError(error));
  }
}

/** Returns a handler that says which role can do what this one may not, and throws any other error as it is. */
function refuseMigration(what: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof DatabasePermissionError)) throw error;
    throw new DatabaseSchemaError(
      `${error.message}. To ${what}, run \`reachability store migrate\` with the DATABASE_URL of the role that owns the schema`,
      { cause: error },
    );
  };
}

/** The migrations of this program and of its database. */
interface Migrations {
  /** Those of this program. */
  readonly known: readonly string[];
  /** Those of this program that the database lacks. */
  readonly missing: readonly string[];
  /** Those of newer programs that the database has. */
  readonly newer: readonly string[];
}

/**
 * Returns the migrations. A database may have some of newer programs, where those left everything in place that this one
 * needs: so both run during an upgrade, and after a step back.
 *
 * @throws DatabaseSchemaError if this program is too old for the database
 */
async function readMigrations(database: Database): Promise<Migrations> {
  const made = await namesOf(database);
  const known = migrationNames();
  const newer = made.filter((name) => !known.includes(name));
  if (newer.length > 0 && !known.includes(await oldestProgram(database))) {
    throw migratedByNewerProgram(newer);
  }
  return { known, missing: known.filter((name) => !made.includes(name)), newer };
}

function migratedByNewerProgram(newer: readonly string[]): DatabaseSchemaError {
  return new DatabaseSchemaError(
    `The database was migrated by a newer program (${newer.join(', ')}): use that one`,
  );
}

/** Returns the newest migration that a program must know to use a database. */
async function oldestProgram(database: Database): Promise<string> {
  const [row] = await database.query(`SELECT needed FROM ${SCHEMA}.oldest_program`);
  return String(row?.['needed']);
}

/** Returns the names of the migrations that were made in a database. */
async function namesOf(database: Database): Promise<string[]> {
  // The catalog shows tables also to roles that may not use their schema.
  const found = await database.query(
    'SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = $2',
    [SCHEMA, TABLE],
  );
  if (found.length === 0) return [];
  const rows = await database
    .query(`SELECT name FROM ${SCHEMA}.${TABLE}`)
    .catch(refuseMigration('grant privileges'));
  return rows.map((row) => String(row['name']));
}

async function withDatabase<Result>(
  url: string,
  work: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = openDatabase({ url, name: SCHEMA, connections: 1 });
  try {
    return await work(database);
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
