import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { hasPostgres, startPostgres, type PostgresServer } from '../../../test/support/postgres.ts';
import { until } from '../../../test/support/until.ts';
import { Notifications, notify, openDatabase, type Database } from './index.ts';

(hasPostgres() ? describe : describe.skip)('Notifications of PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  let notifications: Notifications;
  /** What a listener was told, in order. */
  let told: string[];

  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());

  beforeEach(async () => {
    const url = await server.createDatabase();
    database = openDatabase({ url, name: 'spec' });
    notifications = new Notifications({
      url,
      name: 'spec notifications',
      backOff: (_, signal) => delay(20, undefined, { signal }).catch(() => undefined),
    });
    told = [];
    notifications.listen('moves', {
      onNotify: (detail) => told.push(detail),
      onListening: () => told.push('(listening)'),
      onLost: () => told.push('(lost)'),
    });
    await untilTold('(listening)');
  });
  afterEach(async () => {
    await notifications.close();
    await database.close();
  });

  const untilTold = (what: string) => until(what, () => told.includes(what) || undefined);

  it('arrive once a transaction has committed, with what it has written', async () => {
    await database.write('CREATE TABLE t (n int)');
    const committed = Promise.withResolvers<readonly unknown[]>();
    notifications.listen('writes', {
      onNotify: () => committed.resolve(database.query('SELECT n FROM t')),
      onListening: () => undefined,
      onLost: () => undefined,
    });
    await database.transaction('write', async (queries) => {
      await notify(queries, 'writes');
      await queries.write('INSERT INTO t VALUES (1)');
    });
    expect(await committed.promise).toEqual([{ n: 1 }]);
  });

  it('do not arrive from a transaction that rolls back, nor of another topic', async () => {
    const failing = database.transaction('write', async (queries) => {
      await notify(queries, 'moves', 'undone');
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await notify(database, 'move', 'other');
    await notify(database, 'moves', 'done');
    await untilTold('done');
    expect(told).toEqual(['(listening)', 'done']);
  });

  it('tell at once who listens later that it misses nothing from now on', () => {
    const listening: string[] = [];
    notifications.listen('others', {
      onNotify: () => undefined,
      onListening: () => listening.push('(listening)'),
      onLost: () => undefined,
    });
    expect(listening).toEqual(['(listening)']);
  });

  it('go on after their connection was ended, and tell that some may be missed', async () => {
    told.length = 0;
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'spec notifications' AND datname = current_database()`,
    );
    await untilTold('(listening)');
    await notify(database, 'moves', 'later');
    await untilTold('later');
    expect(told).toEqual(['(lost)', '(listening)', 'later']);
  });

  it('go on after the server was down', async () => {
    told.length = 0;
    await server.kill();
    await untilTold('(lost)');
    await server.start();
    await untilTold('(listening)');
    expect(told).toEqual(['(lost)', '(listening)']);
  }, 60_000);

  it('leave no connection behind', async () => {
    await notifications.close();
    await until('the end of the connection', async () => {
      const rows = await database.query(
        `SELECT 1 FROM pg_stat_activity
         WHERE application_name = 'spec notifications' AND datname = current_database()`,
      );
      return rows.length === 0 || undefined;
    });
  });
});
