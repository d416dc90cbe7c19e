import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reachabilityRegistry } from '#domain';
import { seedStore } from '#history-seeder';
import {
  exportFile,
  importFile,
  verifyLog,
  type EventStore,
  type RecordedEvent,
} from '#event-store';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
import { hasEventStoreDb, startEventStoreDb } from '../support/eventstored.ts';
import { collect } from './event-store/samples.ts';

const SEED = { users: 40, events: 2_000, seed: 11 };
const options = { registry: reachabilityRegistry };

let folder: string;
const opened: EventStore[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'transfer-'));
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  await rm(folder, { recursive: true });
});

async function sqlite(name: string): Promise<EventStore> {
  const store = await openSqliteEventStore({ path: join(folder, `${name}.db`) });
  opened.push(store);
  return store;
}

/** Copies the log of one store into another through a file, and returns its path. */
async function transfer(from: EventStore, to: EventStore, name: string): Promise<string> {
  const file = join(folder, name);
  await exportFile(from, file);
  const summary = await importFile(to, file, options);
  expect(summary).toMatchObject({ events: SEED.events, present: 0, written: SEED.events });
  return file;
}

/** All events as JSON text without their positions, which every store assigns itself. */
async function contents(store: EventStore): Promise<string[]> {
  const events = await collect(store.readAll());
  return events.map((event) => JSON.stringify(withoutPosition(event)));
}

function withoutPosition({ stream, revision, id, type, ...rest }: RecordedEvent): object {
  const { schemaVersion, data, metadata } = rest;
  return { stream, revision, id, type, schemaVersion, data, metadata };
}

/** An export without its header, which names the store: the event lines and the trailer. */
async function body(file: string): Promise<string> {
  const text = await readFile(file, 'utf8');
  return text.slice(text.indexOf('\n') + 1);
}

describe('A log copied from one store to another', () => {
  it('is equal from SQLite to SQLite, and its exports differ only in the header', async () => {
    const [source, copy, third] = [await sqlite('a'), await sqlite('b'), await sqlite('c')];
    await seedStore(source, SEED);
    const first = await transfer(source, copy, 'first.ndjson');
    const second = await transfer(copy, third, 'second.ndjson');
    expect(await contents(copy)).toEqual(await contents(source));
    expect(await body(second)).toBe(await body(first));
    expect(await verifyLog(copy, options)).toMatchObject({ events: SEED.events, errors: 0 });
  });

  it('continues after an interruption between two transactions', async () => {
    const [source, copy] = [await sqlite('a'), await sqlite('b')];
    await seedStore(source, { users: 300, events: 12_000 });
    const file = join(folder, 'log.ndjson');
    await exportFile(source, file);
    const controller = new AbortController();
    const interrupted = importFile(copy, file, {
      ...options,
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'write') controller.abort();
      },
    });
    await expect(interrupted).rejects.toThrow('aborted');
    const summary = await importFile(copy, file, options);
    expect(summary.present).toBeGreaterThan(0);
    expect(summary.written).toBeGreaterThan(0);
    expect(await contents(copy)).toEqual(await contents(source));
  });

  const withServer = hasEventStoreDb() ? it : it.skip;

  withServer('is equal from SQLite to EventStoreDB and back', async () => {
    const server = await startEventStoreDb();
    try {
      const eventStoreDb = await openEventStoreDbEventStore({ url: server.url });
      const [source, back] = [await sqlite('a'), await sqlite('b')];
      await seedStore(source, SEED);
      await transfer(source, eventStoreDb, 'there.ndjson');
      expect(await contents(eventStoreDb)).toEqual(await contents(source));
      await transfer(eventStoreDb, back, 'back.ndjson');
      expect(await contents(back)).toEqual(await contents(source));
      expect(await verifyLog(eventStoreDb, options)).toMatchObject({ errors: 0, warnings: 0 });
      const again = join(folder, 'there.ndjson');
      expect(await importFile(eventStoreDb, again, options)).toMatchObject({ written: 0 });
      await eventStoreDb.close();
    } finally {
      await server.stop();
    }
  });
});
