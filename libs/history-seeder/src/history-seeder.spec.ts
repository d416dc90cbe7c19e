import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { reachabilityRegistry } from '#domain';
import {
  EventStoreUnavailableError,
  StoreDiffersError,
  verifyLog,
  type NewEvent,
  type StreamAppend,
} from '#event-store';
import { InMemoryEventStore } from '../../../test/support/in-memory-event-store.ts';
import { Agenda } from './agenda.ts';
import { seedHistory, seedStore, type SeedOptions } from './index.ts';

const OPTIONS: SeedOptions = { users: 60, events: 3_000, seed: 1 };

function hash(options: SeedOptions): string {
  const digest = createHash('sha256');
  for (const append of seedHistory(options)) digest.update(JSON.stringify(append));
  return digest.digest('hex');
}

function events(options: SeedOptions): NewEvent[] {
  return [...seedHistory(options)].flatMap((append: StreamAppend) => append.events);
}

describe('A seeded history', () => {
  it('has the same bytes for the same seed, on every machine and at any time', () => {
    expect(hash(OPTIONS)).toBe(hash(OPTIONS));
    expect(hash(OPTIONS)).toMatchInlineSnapshot(
      `"5d07ee3042f27baac8a822fa9403438aa0ae624f43a63827830d4237112acebd"`,
    );
  });

  it('has other bytes for another seed', () => {
    const seeds = [0, 1, 2, 2 ** 32, 2 ** 53 - 1];
    expect(new Set(seeds.map((seed) => hash({ ...OPTIONS, seed }))).size).toBe(seeds.length);
  });

  it('has unique ids', () => {
    const ids = events(OPTIONS).map(({ id }) => id);
    expect(new Set(ids).size).toBe(3_000);
  });

  it('contains each event type and each close cause', () => {
    const all = events({ users: 200, events: 12_000, seed: 1 });
    const types = new Set(all.map(({ type }) => type));
    // No Service is deleted: its Users would be of no use in the history. An API key without its secret is of no use.
    const left = reachabilityRegistry.types.filter((type) => !types.has(type));
    expect(left.sort()).toEqual([
      'ApiKeyCreated',
      'ApiKeyRevoked',
      'ApiKeyRotated',
      'ServiceDeleted',
    ]);
    const causes = new Set(
      all.flatMap(({ type, data }) =>
        type === 'ConnectionClosed' && 'cause' in data ? [data.cause] : [],
      ),
    );
    expect([...causes].sort()).toEqual([
      'abrupt',
      'admin',
      'clean',
      'expired',
      'node_lost',
      'timeout',
    ]);
  });

  it('has times that go back only as far as the clocks of nodes differ', () => {
    let highest = 0;
    for (const { metadata } of events(OPTIONS)) {
      const at = Date.parse(metadata.occurredAt);
      expect(highest - at).toBeLessThanOrEqual(60);
      highest = Math.max(highest, at);
    }
  });

  it('has the requested length and Users, and passes verification, for any options', async () => {
    const options = fc
      .record({ users: fc.integer({ min: 1, max: 120 }), seed: fc.maxSafeNat() })
      .chain(({ users, seed }) =>
        fc.record({
          users: fc.constant(users),
          seed: fc.constant(seed),
          events: fc.integer({ min: 2 * users + 40, max: 2 * users + 1_500 }),
        }),
      );
    const property = fc.asyncProperty(options, async (asked) => {
      const store = new InMemoryEventStore();
      await seedStore(store, asked);
      const registry = reachabilityRegistry;
      expect(await verifyLog(store, { registry })).toMatchObject({
        events: asked.events,
        errors: 0,
        warnings: 0,
      });
      const streams = new Set(store.log.map(({ stream }) => stream));
      const users = [...streams].filter((stream) => stream.startsWith('user-'));
      expect(users).toHaveLength(asked.users);
    });
    await fc.assert(property, { numRuns: 15 });
  });

  it.each([
    [{ users: 0 }, 'users must be at least 1'],
    [{ users: 1.5 }, 'users must be a whole number, not 1.5'],
    [{ users: 10, events: 59 }, '10 users take at least 60 events, not 59'],
    [{ users: 10, seed: -1 }, 'seed must be a whole number, not -1'],
  ])('is refused for %j', (options, message) => {
    expect(() => seedHistory(options).next()).toThrow(new RangeError(message));
  });
});

describe('Seeding a store', () => {
  it('continues where it was interrupted', async () => {
    const options = { users: 20, events: 400 };
    const whole = new InMemoryEventStore();
    await seedStore(whole, options);
    const store = new InMemoryEventStore();
    store.beforeAppend = () => {
      if (store.appendCalls === 100) throw new EventStoreUnavailableError('power cut');
    };
    await expect(seedStore(store, options)).rejects.toThrow('power cut');
    const present = store.log.length;
    const summary = await seedStore(store, options);
    expect(summary).toEqual({ events: 400, present, written: 400 - present });
    expect(store.log).toEqual(whole.log);
  });

  it('writes nothing to a store that has any other events', async () => {
    const store = new InMemoryEventStore();
    await seedStore(store, { users: 20, events: 400, seed: 1 });
    const refused = seedStore(store, { users: 20, events: 400, seed: 2 });
    await expect(refused).rejects.toThrow(StoreDiffersError);
    expect(store.log).toHaveLength(400);
  });
});

describe('An agenda', () => {
  it('returns entries by time, and in the order of scheduling at the same time', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 })), (times) => {
        const agenda = new Agenda();
        const acted: [number, number][] = [];
        times.forEach((at, index) => agenda.schedule(at, () => acted.push([at, index])));
        for (let next = agenda.next(); next !== undefined; next = agenda.next()) next.run();
        const sorted = times.map((at, index): [number, number] => [at, index]);
        expect(acted).toEqual(sorted.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
      }),
    );
  });
});
