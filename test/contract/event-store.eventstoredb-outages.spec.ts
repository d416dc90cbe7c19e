import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AppendOutcomeUnknownError,
  backOff,
  EventStoreUnavailableError,
  type EventStore,
  type NewEvent,
} from '#event-store';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import {
  hasEventStoreDb,
  startEventStoreDb,
  type EventStoreDbServer,
} from '../support/eventstored.ts';
import { until } from '../support/until.ts';
import { Follower } from './event-store/follower.ts';
import { collect, ids, newEvents, newStream } from './event-store/samples.ts';

const RETRY = { attempts: 1_000, baseMs: 10, capMs: 100 };

/** Repeats an append unchanged until it succeeds, and returns the failures. */
async function appendWithRetries(
  store: EventStore,
  stream: string,
  revision: number | 'no_stream',
  events: readonly NewEvent[],
): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (let attempt = 1; attempt <= RETRY.attempts; attempt += 1) {
    try {
      await store.append(stream, revision, events);
      return failures;
    } catch (error) {
      failures.push(error);
      await backOff(RETRY, attempt);
    }
  }
  throw new Error('The server did not recover', { cause: failures.at(-1) });
}

const describeWithServer = hasEventStoreDb() ? describe : describe.skip;

describeWithServer('The EventStoreDB store', () => {
  let folder: string;
  let server: EventStoreDbServer;
  let store: EventStore;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'event-store-'));
    server = await startEventStoreDb({ folder });
    store = await openEventStoreDbEventStore({ url: server.url, timeoutMs: 3_000 });
  });

  afterAll(async () => {
    await store.close();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('reports an unknown outcome of an append to a suspended server, and that it is away, and accepts a repeat afterwards', async () => {
    const stream = newStream();
    const events = newEvents(2);
    process.kill(server.pid, 'SIGSTOP');
    try {
      const append = store.append(stream, 'no_stream', events);
      await expect(append).rejects.toThrow(AppendOutcomeUnknownError);
      await until('the store to be away', () => store.health.state === 'away' || undefined);
      await expect(store.head()).rejects.toThrow(EventStoreUnavailableError);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    await appendWithRetries(store, stream, 'no_stream', events);
    expect(ids(await collect(store.readStream(stream)))).toEqual(ids(events));
    expect(store.health.state).toBe('up');
  });

  it('fails subscriptions and reads while its server is down, and then continues without losses or duplicates', async () => {
    const after = await store.head();
    const stream = newStream();
    const batches: (readonly NewEvent[])[] = [];
    const follower = new Follower(store, { after });
    await follower.until(({ caughtUp }) => caughtUp);

    const failures: unknown[] = [];
    const over = new AbortController();
    const writing = (async () => {
      while (!over.signal.aborted) {
        const revision = batches.length === 0 ? 'no_stream' : batches.length * 2 - 1;
        const batch = newEvents(2);
        batches.push(batch);
        failures.push(...(await appendWithRetries(store, stream, revision, batch)));
      }
    })();
    await follower.until(() => follower.events(stream).length >= 100);
    await server.stop();
    await expect(follower.ended).rejects.toThrow(EventStoreUnavailableError);
    await expect(store.head()).rejects.toThrow(EventStoreUnavailableError);
    server = await startEventStoreDb({ folder, port: server.port });
    over.abort();
    await writing;

    expect(failures).not.toEqual([]);
    for (const failure of failures) {
      const expected = [AppendOutcomeUnknownError, EventStoreUnavailableError];
      expect(expected.some((type) => failure instanceof type)).toBe(true);
    }
    expect(ids(await collect(store.readStream(stream)))).toEqual(ids(batches.flat()));

    const resumed = new Follower(store, { after: follower.events().at(-1)!.position });
    await resumed.until(({ caughtUp }) => caughtUp);
    const seen = [...follower.events(stream), ...resumed.events(stream)];
    expect(ids(seen)).toEqual(ids(batches.flat()));
    await resumed.stop();
  });
});
