import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from '@jest/globals';
import { hasPostgres, startPostgres, type PostgresServer } from '../../../test/support/postgres.ts';
import { until } from '../../../test/support/until.ts';
import {
  DatabasePermissionError,
  DatabaseUnavailableError,
  openDatabase,
  type Database,
} from './index.ts';

(hasPostgres() ? describe : describe.skip)('PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let database: Database;

  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase();
    database = openDatabase({ url, name: 'spec', statementTimeoutMs: 1_000, lockTimeoutMs: 200 });
  });
  afterEach(() => database.close());

  it('returns bigint columns as numbers', async () => {
    expect(await database.query('SELECT $1::bigint AS n', [2 ** 40])).toEqual([{ n: 2 ** 40 }]);
  });

  it('refuses a bigint that a number cannot hold', async () => {
    await expect(database.query('SELECT 9007199254740993::bigint AS n')).rejects.toThrow(
      RangeError,
    );
  });

  it('counts the rows that a statement writes', async () => {
    await database.write('CREATE TABLE t (id int PRIMARY KEY)');
    expect(await database.write('INSERT INTO t SELECT unnest($1::int[])', [[1, 2, 3]])).toBe(3);
  });

  it('writes nothing of a transaction that throws', async () => {
    await database.write('CREATE TABLE t (id int PRIMARY KEY)');
    const failing = database.transaction('write', async (queries) => {
      await queries.write('INSERT INTO t VALUES (1)');
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await database.query('SELECT * FROM t')).toEqual([]);
  });

  it('reads one state of the database in a snapshot', async () => {
    await database.write('CREATE TABLE t (id int PRIMARY KEY)');
    await database.transaction('snapshot', async (queries) => {
      expect(await queries.query('SELECT * FROM t')).toEqual([]);
      await database.write('INSERT INTO t VALUES (1)');
      expect(await queries.query('SELECT * FROM t')).toEqual([]);
    });
  });

  it('gives up a statement that takes too long', async () => {
    await expect(database.query('SELECT pg_sleep(30)')).rejects.toThrow(DatabaseUnavailableError);
    expect(await database.query('SELECT 1 AS n')).toEqual([{ n: 1 }]);
  });

  it('lets maintenance take its time', async () => {
    const slept = database.transaction('long write', (queries) =>
      queries.query('SELECT pg_sleep(2.2) IS NOT NULL AS slept'),
    );
    expect(await slept).toEqual([{ slept: true }]);
  });

  it('gives up waiting for a lock', async () => {
    await database.write('CREATE TABLE t (id int PRIMARY KEY)');
    await database.transaction('write', async (queries) => {
      await queries.write('LOCK TABLE t');
      await expect(database.query('SELECT * FROM t')).rejects.toThrow(DatabaseUnavailableError);
    });
  });

  it('says that it is unavailable while the server is down, and heals by itself', async () => {
    await database.query('SELECT 1');
    await server.kill();
    await expect(database.query('SELECT 1')).rejects.toThrow(DatabaseUnavailableError);
    await server.start();
    await until('a connection', () =>
      database.query('SELECT 1').then(
        () => true,
        () => undefined,
      ),
    );
  });

  it('says that it is unavailable to a role that it does not let in, and never the password', async () => {
    await database.write('CREATE ROLE shut_out LOGIN CONNECTION LIMIT 0');
    const refused = url.replace('postgres@', 'shut_out:a-secret@');
    const other = openDatabase({ url: refused, name: 'spec' });
    try {
      const failure = other.query('SELECT 1');
      await expect(failure).rejects.toThrow(DatabaseUnavailableError);
      await expect(failure).rejects.toThrow(/too many connections/);
      await expect(failure).rejects.not.toThrow(/a-secret/);
      await database.write('ALTER ROLE shut_out CONNECTION LIMIT 1');
      expect(await other.query('SELECT 1 AS n')).toEqual([{ n: 1 }]);
    } finally {
      await other.close();
    }
  });

  it('tells a missing privilege from other faults', async () => {
    await database.write('CREATE TABLE t (id int PRIMARY KEY)');
    await database.write('CREATE ROLE stranger');
    const reading = database.transaction('write', async (queries) => {
      await queries.write('SET LOCAL ROLE stranger');
      await queries.query('SELECT * FROM t');
    });
    await expect(reading).rejects.toThrow(DatabasePermissionError);
  });

  it('does not take a wrong statement for an outage', async () => {
    await expect(database.query('SELECT * FROM missing')).rejects.not.toThrow(
      DatabaseUnavailableError,
    );
  });
});
