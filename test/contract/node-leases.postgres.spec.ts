import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NodeIdInUseError } from '#operational-state';
import { PostgresNodeLeases } from '#operational-state/adapters/postgres/index';
import { DatabaseUnavailableError, migrate, openDatabase, type Database } from '#postgres';
import { hasPostgres, startPostgres, type PostgresServer } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const EAST = { nodeId: 'east', incarnation: 1 };

(hasPostgres() ? describe : describe.skip)('Node ids in PostgreSQL', () => {
  let server: PostgresServer;
  let url: string;
  let database: Database;

  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase();
    await migrate(url);
    database = openDatabase({ url, name: 'tests', statementTimeoutMs: 1_000 });
  });
  afterEach(() => database.close());

  /** Another process. */
  const another = (): PostgresNodeLeases => new PostgresNodeLeases(database);

  it('are different for processes that start together', async () => {
    const slots = await Promise.all([1, 2, 3, 4].map(() => another().take(null)));
    expect(slots.map(({ nodeId }) => nodeId).sort()).toEqual([
      'node-1',
      'node-2',
      'node-3',
      'node-4',
    ]);
    await slots.find(({ nodeId }) => nodeId === 'node-2')?.release();
    expect((await another().take(null)).nodeId).toBe('node-2');
  });

  it('show as leases that nobody has renewed, until their holder starts an incarnation', async () => {
    const one = another();
    await one.take('east');
    expect(await another().list()).toEqual([{ nodeId: 'east', incarnation: 0, counter: 0 }]);
    await one.renew({ ...EAST, counter: 1 });
    expect(await another().list()).toEqual([{ ...EAST, counter: 1 }]);
  });

  it('are refused while their holder renews its lease', async () => {
    const holder = another();
    await holder.take('east');
    let counter = 0;
    const over = new AbortController();
    const renewing = (async () => {
      while (!over.signal.aborted) await holder.renew({ ...EAST, counter: (counter += 1) });
    })();
    await expect(another().take('east')).rejects.toThrow(NodeIdInUseError);
    over.abort();
    await renewing;
  });

  it('go to a process that waits for them when the lease of a killed one is removed', async () => {
    const killed = another();
    const held = await killed.take('east');
    await killed.renew({ ...EAST, counter: 7 });
    const next = another();
    const taken = next.take('east');
    await another().remove(EAST);
    expect((await taken).nodeId).toBe('east');
    await next.renew({ ...EAST, incarnation: 2, counter: 1 });

    expect(await held.isHeld()).toBe(false);
    await expect(killed.renew({ ...EAST, counter: 8 })).rejects.toThrow(NodeIdInUseError);
    await held.release();
    expect(await next.list()).toEqual([{ ...EAST, incarnation: 2, counter: 1 }]);
  });

  it('come back to a holder whose lease was removed, unless another process has taken them', async () => {
    const one = another();
    const slot = await one.take('east');
    await one.renew({ ...EAST, counter: 1 });
    await another().remove(EAST);
    expect(await slot.isHeld()).toBe(false);
    await one.renew({ ...EAST, incarnation: 2, counter: 1 });
    expect(await slot.isHeld()).toBe(true);
  });

  it('are taken once by a process that asks again because it got no answer', async () => {
    const one = another();
    await one.take('east');
    expect((await one.take('east')).nodeId).toBe('east');
  });

  it('stay in use after their release until the lease is removed, so that others see its end', async () => {
    const one = another();
    const slot = await one.take('east');
    await one.renew({ ...EAST, counter: 1 });
    await slot.release();
    expect(await another().list()).toEqual([{ ...EAST, counter: 1 }]);
  });

  it('are not judged while the database is read-only, because no lease can be renewed', async () => {
    const one = another();
    await one.take('east');
    await database.write(
      `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET default_transaction_read_only = on`,
    );
    const standby = openDatabase({ url, name: 'tests' });
    try {
      const leases = new PostgresNodeLeases(standby);
      await expect(leases.list()).rejects.toThrow(DatabaseUnavailableError);
      await expect(leases.renew({ ...EAST, counter: 1 })).rejects.toThrow(DatabaseUnavailableError);
    } finally {
      await standby.close();
    }
  });

  it('can be read again after a frozen database has come back, in which a read fails in time', async () => {
    const one = another();
    await one.take('east');
    server.freeze();
    try {
      await expect(one.list()).rejects.toThrow(DatabaseUnavailableError);
    } finally {
      server.thaw();
    }
    const leases = await until('the leases', async () => {
      try {
        return await one.list();
      } catch (error) {
        if (error instanceof DatabaseUnavailableError) return undefined;
        throw error;
      }
    });
    expect(leases).toHaveLength(1);
  });
});
