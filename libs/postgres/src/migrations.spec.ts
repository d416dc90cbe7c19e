import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { hasPostgres, startPostgres, type PostgresServer } from '../../../test/support/postgres.ts';
import {
  DatabaseSchemaError,
  migrate,
  migrateIfNeeded,
  openDatabase,
  requireMigrated,
  ROLES,
  TABLE_PRIVILEGES,
  type Database,
} from './index.ts';

(hasPostgres() ? describe : describe.skip)('Migrations of PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let database: Database;

  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase();
    database = openDatabase({ url, name: 'spec' });
  });
  afterEach(() => database.close());

  it('are made once, however many processes start together', async () => {
    const reports = await Promise.all([migrate(url), migrate(url), migrate(url)]);
    const made = reports.flatMap((report) => report.made);
    expect(made).not.toEqual([]);
    expect(made).toEqual([...new Set(made)]);
    await requireMigrated(url);
    expect(await migrate(url)).toMatchObject({ made: [], newest: made.at(-1) });
  });

  it('that are missing are named, with the command that makes them', async () => {
    await expect(requireMigrated(url)).rejects.toThrow(DatabaseSchemaError);
    await expect(requireMigrated(url)).rejects.toThrow(/lacks 0001_schema.*store migrate/);
  });

  const migrateAsNewer = (): Promise<unknown> =>
    database.write(
      "INSERT INTO reachability.migrations (name, run_on) VALUES ('9999_future', now())",
    );

  it.each([
    ['migrate', migrate],
    ['migrateIfNeeded', migrateIfNeeded],
    ['requireMigrated', requireMigrated],
  ])('of a newer program that needs them are refused by %s', async (_, start) => {
    await migrate(url);
    await migrateAsNewer();
    await database.write("UPDATE reachability.oldest_program SET needed = '9999_future'");
    await expect(start(url)).rejects.toThrow(DatabaseSchemaError);
    await expect(start(url)).rejects.toThrow(/newer program \(9999_future\)/);
  });

  it('of a newer program that leave this one what it needs let it start, and not migrate', async () => {
    await migrate(url);
    await migrateAsNewer();
    await migrateIfNeeded(url);
    await requireMigrated(url);
    await expect(migrate(url)).rejects.toThrow(/newer program \(9999_future\)/);
  });

  it('need no privilege where none is missing, and say who may make them where one is', async () => {
    await database.write('CREATE ROLE only_reads LOGIN');
    const asReader = url.replace('postgres@', 'only_reads@');
    await expect(migrateIfNeeded(asReader)).rejects.toThrow(/store migrate.*role that owns/);
    await migrate(url);
    await expect(requireMigrated(asReader)).rejects.toThrow(DatabaseSchemaError);
    await database.write('GRANT USAGE ON SCHEMA reachability TO only_reads');
    await database.write('GRANT SELECT ON reachability.migrations TO only_reads');
    await migrateIfNeeded(asReader);
    await requireMigrated(asReader);
  });

  it('have decided for each table what each role may do', async () => {
    await migrate(url);
    const tables = await database.query(
      "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'reachability' ORDER BY 1",
    );
    expect(tables.map(({ name }) => name)).toEqual(Object.keys(TABLE_PRIVILEGES).sort());
  });

  it('give the roles that exist their privileges, and take all others', async () => {
    await migrate(url);
    await database.write(`CREATE ROLE ${ROLES.api}`);
    await database.write(`CREATE ROLE ${ROLES.worker}`);
    try {
      await database.write(`GRANT ALL ON reachability.projections TO ${ROLES.api}`);
      const { roles } = await migrate(url);
      expect(roles).toEqual([ROLES.api, ROLES.worker]);
      expect(await privileges(database, ROLES.api, 'projections')).toEqual(['SELECT']);
      expect(await privileges(database, ROLES.worker, 'api_key_secrets')).toEqual([]);
      expect(await privileges(database, ROLES.worker, 'ttls')).toEqual([
        'DELETE',
        'INSERT',
        'SELECT',
        'UPDATE',
      ]);
    } finally {
      for (const role of [ROLES.api, ROLES.worker]) {
        await database.write(`DROP OWNED BY ${role}`);
        await database.write(`DROP ROLE ${role}`);
      }
    }
  });
});

async function privileges(database: Database, role: string, table: string): Promise<unknown[]> {
  const rows = await database.query(
    `SELECT privilege_type AS name FROM information_schema.role_table_grants
     WHERE grantee = $1 AND table_schema = 'reachability' AND table_name = $2 ORDER BY 1`,
    [role, table],
  );
  return rows.map(({ name }) => name);
}
