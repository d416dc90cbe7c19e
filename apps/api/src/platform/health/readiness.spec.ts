import { describe, expect, it } from '@jest/globals';
import { StoreHealthRecord } from '#event-store';
import { START } from '#projections';
import { InMemoryEventStore } from '../../../../../test/support/in-memory-event-store.ts';
import type { StoreName } from '../store-errors.ts';
import { Readiness } from './readiness.ts';

const BEGAN = Date.parse('2026-11-22T14:02:00Z');

class World {
  now = BEGAN;
  readonly records = new Map<StoreName, StoreHealthRecord>();
  readonly readiness: Readiness;

  constructor(stores: readonly StoreName[], isReadyWithoutStore = false) {
    for (const store of stores) {
      this.records.set(store, new StoreHealthRecord(() => this.now));
    }
    this.readiness = new Readiness(
      new InMemoryEventStore(),
      { checkpoint: () => Promise.resolve(START) },
      { restored: null },
      { READY_WITHOUT_STORE: isReadyWithoutStore },
      {
        names: stores,
        healthOf: (store) => this.records.get(store)?.health ?? null,
      },
      () => new Date(this.now),
    );
  }

  record(store: StoreName): StoreHealthRecord {
    const record = this.records.get(store);
    if (record === undefined) throw new Error(`There is no ${store}`);
    return record;
  }
}

async function world(...args: ConstructorParameters<typeof World>): Promise<World> {
  const created = new World(...args);
  await created.readiness.onApplicationBootstrap();
  created.readiness.startServing();
  return created;
}

const FILES: readonly StoreName[] = ['event_store', 'read_model', 'state'];

describe('Readiness', () => {
  it('begins when the port of the clients is open', async () => {
    const { readiness } = new World(FILES);
    await readiness.onApplicationBootstrap();
    expect((await readiness.status()).status).toBe('starting');
    readiness.startServing();
    expect((await readiness.status()).status).toBe('ok');
  });

  it('names each part, and how it is', async () => {
    const { readiness, ...stores } = await world(FILES);
    stores.records.get('read_model')?.readSucceeded();
    expect(await readiness.status()).toEqual({
      status: 'ok',
      parts: {
        event_store: { status: 'ok', last_read_at: null, last_write_at: null },
        read_model: {
          status: 'ok',
          last_read_at: '2026-11-22T14:02:00.000Z',
          last_write_at: null,
        },
        state: { status: 'ok', last_read_at: null, last_write_at: null },
      },
    });
  });

  it('ends after 5 seconds without the event store, and does not tell addresses', async () => {
    const stores = await world(FILES);
    stores.record('event_store').setReadFault('connect ECONNREFUSED 10.0.0.7:2113');
    stores.now += 4_999;
    expect((await stores.readiness.status()).status).toBe('ok');
    stores.now += 1;
    const status = await stores.readiness.status();
    expect(status).toMatchObject({
      status: 'event_store_unavailable',
      reason: 'no answer since 2026-11-22T14:02:00.000Z',
      parts: { event_store: { status: 'unavailable', since: '2026-11-22T14:02:00.000Z' } },
    });
    expect(JSON.stringify(status)).not.toContain('10.0.0.7');
  });

  it('returns with the event store', async () => {
    const stores = await world(FILES);
    stores.record('event_store').setReadFault('away');
    stores.now += 60_000;
    stores.record('event_store').readSucceeded();
    expect((await stores.readiness.status()).status).toBe('ok');
  });

  it('ends at once when events cannot be written, and says why', async () => {
    const stores = await world(FILES);
    stores.record('event_store').setWriteFault('database or disk is full');
    expect(await stores.readiness.status()).toMatchObject({
      status: 'event_store_unwritable',
      reason: 'database or disk is full',
    });
  });

  it('goes on without the event store where the settings say so, and shows it', async () => {
    const stores = await world(FILES, true);
    stores.record('event_store').setReadFault('away');
    stores.now += 60_000;
    expect(await stores.readiness.status()).toMatchObject({
      status: 'ok',
      parts: { event_store: { status: 'unavailable' } },
    });
  });

  it.each(['read_model', 'database'] as const)(
    'ends without %s, whatever the settings say',
    async (store) => {
      const stores = await world(['event_store', store], true);
      stores.record(store).setReadFault('away');
      stores.now += 5_000;
      expect((await stores.readiness.status()).status).toBe(`${store}_unavailable`);
    },
  );

  it('goes on without operational state, which few requests need', async () => {
    const stores = await world(FILES);
    stores.record('state').setWriteFault('database is locked');
    stores.now += 60_000;
    expect(await stores.readiness.status()).toMatchObject({
      status: 'ok',
      parts: { state: { status: 'unwritable', reason: 'database is locked' } },
    });
  });
});
