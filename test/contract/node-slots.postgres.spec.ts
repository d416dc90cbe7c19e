import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NodeIdInUseError } from '#operational-state';
import { PostgresNodeSlots } from '#operational-state/adapters/postgres/postgres-node-slots';
import { migrate, openDatabase, type Database } from '#postgres';
import { hasPostgres, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { until } from '../support/until.ts';

/** No holder beats during a test: only a killed one does not. */
const KILLED = { beatEveryMs: 3_600_000, endedAfterMs: 3_600_000 };
const QUICK = { beatEveryMs: 40, endedAfterMs: 400 };

(hasPostgres() ? describe : describe.skip)('Node ids in PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;

  beforeAll(async () => {
    server = await startPostgres();
    const url = await server.createDatabase();
    await migrate(url);
    database = openDatabase({ url, name: 'tests' });
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await server.stop();
  });
  beforeEach(() => database.write('DELETE FROM reachability.node_slots'));

  it('are different for processes that start together', async () => {
    const slots = new PostgresNodeSlots(database, KILLED);
    const taken = await Promise.all([1, 2, 3, 4].map(() => slots.take(null)));
    expect(taken.map(({ nodeId }) => nodeId).sort()).toEqual([
      'node-1',
      'node-2',
      'node-3',
      'node-4',
    ]);
    await taken.find(({ nodeId }) => nodeId === 'node-2')?.release();
    expect((await slots.take(null)).nodeId).toBe('node-2');
  });

  it('are refused while their holder lives', async () => {
    const holder = await new PostgresNodeSlots(database, QUICK).take('east');
    await expect(new PostgresNodeSlots(database, QUICK).take('east')).rejects.toThrow(
      NodeIdInUseError,
    );
    await holder.release();
  });

  it('go to another process once their holder does not beat, which it finds out', async () => {
    const killed = await new PostgresNodeSlots(database, KILLED).take('east');
    expect(await killed.isHeld()).toBe(true);
    const next = await new PostgresNodeSlots(database, QUICK).take('east');
    expect(next.nodeId).toBe('east');
    expect(await killed.isHeld()).toBe(false);
    expect(await next.isHeld()).toBe(true);
    await killed.release();
    expect(await next.isHeld()).toBe(true);
    await next.release();
  });

  it('of killed processes are freed by those that live', async () => {
    await new PostgresNodeSlots(database, KILLED).take(null);
    const living = await new PostgresNodeSlots(database, QUICK).take(null);
    expect(living.nodeId).toBe('node-2');
    await until('the slot to be free', async () => {
      const rows = await database.query('SELECT node_id FROM reachability.node_slots');
      return rows.length === 1 ? true : undefined;
    });
    await living.release();
  });
});
