import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { NewEvent } from '../../envelope.ts';
import {
  AppendOutcomeUnknownError,
  EventStoreUnavailableError,
  EventStoreUnwritableError,
  WrongExpectedRevisionError,
} from '../../errors.ts';
import type { EventStore, SubscriptionMessage } from '../../event-store.ts';
import { openSqliteEventStore, UnsupportedFileError } from './index.ts';

const event = (id: string, type = 'Noted'): NewEvent => ({
  id,
  type,
  schemaVersion: 1,
  data: { note: id },
  metadata: {
    occurredAt: '2026-01-01T00:00:00.000Z',
    correlationId: 'correlation',
    causationId: 'causation',
    actor: 'cli',
  },
});

const range = (n: number): number[] => Array.from({ length: n }, (_, index) => index);

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('the SQLite event store', () => {
  let directory: string;
  let path: string;
  let store: EventStore;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'event-store-'));
    path = join(directory, 'events.db');
    store = await openSqliteEventStore({ path });
  });

  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });

  async function reopen(): Promise<void> {
    await store.close();
    store = await openSqliteEventStore({ path });
  }

  /** The next messages of a subscription, up to the first for which `last` is true. */
  async function take(
    messages: AsyncIterator<SubscriptionMessage>,
    last: (message: SubscriptionMessage) => boolean,
  ): Promise<SubscriptionMessage[]> {
    const taken: SubscriptionMessage[] = [];
    for (;;) {
      const next = await messages.next();
      if (next.done === true) throw new Error('The subscription ended');
      taken.push(next.value);
      if (last(next.value)) return taken;
    }
  }

  const isCaughtUp = ({ kind }: SubscriptionMessage) => kind === 'caughtUp';

  describe('group commit', () => {
    it('gives 64 concurrent appends distinct positions without a gap', async () => {
      const results = await Promise.all(
        range(64).map((n) => store.append(`stream-${n}`, 'no_stream', [event(`e${n}`)])),
      );
      await reopen();
      const recorded = await collect(store.readAll());
      expect(recorded.map(({ position }) => Number(position))).toEqual(range(64).map((n) => n + 1));
      expect(recorded.map(({ position }) => position)).toEqual(results.map((r) => r.position));
    });

    it('accepts exactly one of two appends with the same expected revision', async () => {
      const outcomes = await Promise.allSettled([
        store.append('stream', 'no_stream', [event('a')]),
        store.append('stream', 'no_stream', [event('b')]),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
      expect(outcomes[1]).toMatchObject({ reason: expect.any(WrongExpectedRevisionError) });
      expect((await collect(store.readAll())).map(({ id }) => id)).toEqual(['a']);
    });

    it('executes several appends to one stream that do not wait for each other', async () => {
      const results = await Promise.all(
        range(10).map((n) =>
          store.append('stream', n === 0 ? 'no_stream' : n - 1, [event(`${n}`)]),
        ),
      );
      expect(results.map(({ revision }) => revision)).toEqual(range(10));
    });

    it('rejects an append without affecting those in the same commit', async () => {
      const [first, wrong, last] = await Promise.allSettled([
        store.append('a', 'no_stream', [event('1')]),
        store.append('b', 7, [event('2'), event('3')]),
        store.append('c', 'no_stream', [event('4')]),
      ]);
      expect([first.status, wrong.status, last.status]).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect((await collect(store.readAll())).map(({ id }) => id)).toEqual(['1', '4']);
    });

    it('saves snapshots together with appends', async () => {
      const snapshot = { version: 1, revision: 0, position: '00000000000000000001', state: [1] };
      await Promise.all([
        store.append('a', 'no_stream', [event('1')]),
        store.snapshots.save('a', snapshot),
      ]);
      expect(await store.snapshots.load('a')).toEqual(snapshot);
    });
  });

  describe('a repeated append', () => {
    it('is recognised by its ids after later appends to the stream', async () => {
      const first = await store.append('s', 'no_stream', [event('a'), event('b')]);
      await store.append('s', 1, [event('c')]);
      expect(await store.append('s', 'no_stream', [event('a'), event('b')])).toEqual(first);
      expect(await collect(store.readAll())).toHaveLength(3);
    });

    it.each([
      ['more events', ['a', 'b', 'c']],
      ['other events', ['a', 'x']],
      ['another order', ['b', 'a']],
    ])('is refused when it has %s than the first', async (_, ids) => {
      await store.append('s', 'no_stream', [event('a'), event('b')]);
      await expect(
        store.append(
          's',
          'no_stream',
          ids.map((id) => event(id)),
        ),
      ).rejects.toThrow(WrongExpectedRevisionError);
    });
  });

  describe('the file', () => {
    it('keeps its epoch', async () => {
      const { epoch } = store;
      await reopen();
      expect(epoch).toMatch(/^[0-9a-f]{8}$/);
      expect(store.epoch).toBe(epoch);
    });

    it('is created once by several stores that open it at the same time', async () => {
      const fresh = join(directory, 'fresh.db');
      const stores = await Promise.all(range(4).map(() => openSqliteEventStore({ path: fresh })));
      await Promise.all(
        stores.map((each, n) => each.append(`s${n}`, 'no_stream', [event(`${n}`)])),
      );
      expect(new Set(stores.map(({ epoch }) => epoch)).size).toBe(1);
      expect(await stores[0]?.head()).toBe('00000000000000000004');
      await Promise.all(stores.map((each) => each.close()));
    });

    it('has no write-ahead log after close', async () => {
      await store.append('s', 'no_stream', [event('a')]);
      await store.close();
      await expect(readFile(`${path}-wal`)).rejects.toThrow('ENOENT');
    });

    it('is refused if a newer program wrote it', async () => {
      await store.close();
      const db = new DatabaseSync(path);
      db.exec('UPDATE meta SET schema_version = 2');
      db.close();
      await expect(openSqliteEventStore({ path })).rejects.toThrow(UnsupportedFileError);
    });

    it('is refused and left unchanged if it is the database of another program', async () => {
      const foreign = join(directory, 'foreign.db');
      const db = new DatabaseSync(foreign);
      db.exec('CREATE TABLE theirs (x)');
      db.close();
      const before = await readFile(foreign);
      await expect(openSqliteEventStore({ path: foreign })).rejects.toThrow(UnsupportedFileError);
      expect(await readFile(foreign)).toEqual(before);
    });

    it('is refused if it is not a database', async () => {
      const text = join(directory, 'text');
      await writeFile(text, 'not a database, but long enough to look like one '.repeat(30));
      await expect(openSqliteEventStore({ path: text })).rejects.toThrow(UnsupportedFileError);
      await expect(openSqliteEventStore({ path: text })).rejects.toThrow(text);
    });

    it('makes the store unavailable if it cannot be created', async () => {
      const nowhere = join(directory, 'missing', 'events.db');
      await expect(openSqliteEventStore({ path: nowhere })).rejects.toThrow(
        EventStoreUnavailableError,
      );
    });
  });

  it('refuses appends while another process holds the lock, says why, and mends itself', async () => {
    await store.close();
    store = await openSqliteEventStore({ path, busyTimeoutMs: 50 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const refused = store.append('s', 'no_stream', [event('a')]);
    await expect(refused).rejects.toThrow(EventStoreUnwritableError);
    expect(store.health).toMatchObject({ state: 'unwritable', reason: 'database is locked' });
    other.exec('ROLLBACK');
    other.close();
    expect(await store.append('s', 'no_stream', [event('a')])).toMatchObject({ revision: 0 });
    expect(store.health).toMatchObject({ state: 'up', reason: null });
  });

  it('reports an unknown outcome when its writer thread dies, and starts another for the next append', async () => {
    await store.close();
    const post = jest.spyOn(Worker.prototype, 'postMessage');
    store = await openSqliteEventStore({ path, busyTimeoutMs: 50 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const outcome = expect(store.append('s', 'no_stream', [event('a')])).rejects.toThrow(
      AppendOutcomeUnknownError,
    );
    await new Promise((resolve) => process.nextTick(resolve));
    const thread = post.mock.contexts[0];
    post.mockRestore();
    if (!(thread instanceof Worker)) throw new Error('No writer thread was spoken to');
    await thread.terminate();
    await outcome;
    other.close();
    expect(await store.append('s', 'no_stream', [event('a')])).toMatchObject({ revision: 0 });
  });

  it('reads a log longer than one batch', async () => {
    const ids = range(1_201).map(String);
    await store.append(
      's',
      'no_stream',
      ids.map((id) => event(id)),
    );
    expect((await collect(store.readAll())).map(({ id }) => id)).toEqual(ids);
    expect((await collect(store.readStream('s'))).map(({ id }) => id)).toEqual(ids);
    expect(await collect(store.readAll({ limit: 700 }))).toHaveLength(700);
    expect(await collect(store.readStream('s', { from: 100, limit: 700 }))).toHaveLength(700);
  });

  describe('a subscription', () => {
    it('skips events that its filter excludes, with a checkpoint per batch', async () => {
      await store.append(
        's',
        'no_stream',
        range(1_100).map((n) => event(String(n), n === 700 ? 'Wanted' : 'Noted')),
      );
      const messages = store.subscribe({ types: ['Wanted'] })[Symbol.asyncIterator]();
      const taken = await take(messages, isCaughtUp);
      expect(
        taken.map((m) => [m.kind, m.kind === 'event' ? m.event.id : Number(m.position)]),
      ).toEqual([
        ['checkpoint', 500],
        ['event', '700'],
        ['checkpoint', 1_000],
        ['checkpoint', 1_100],
        ['caughtUp', 1_100],
      ]);
    });

    it('sends caughtUp again after live events', async () => {
      const messages = store.subscribe()[Symbol.asyncIterator]();
      expect(await take(messages, isCaughtUp)).toEqual([{ kind: 'caughtUp', position: null }]);
      const { position } = await store.append('s', 'no_stream', [event('a')]);
      expect(await take(messages, isCaughtUp)).toEqual([
        { kind: 'event', event: expect.objectContaining({ id: 'a', position }) },
        { kind: 'caughtUp', position },
      ]);
    });

    it.each(['abort', 'return', 'close'] as const)(
      'ends at once on %s while it waits',
      async (how) => {
        const abort = new AbortController();
        const messages = store.subscribe({ signal: abort.signal })[Symbol.asyncIterator]();
        await take(messages, isCaughtUp);
        const waiting = messages.next();
        if (how === 'abort') abort.abort();
        if (how === 'return') await messages.return?.();
        if (how === 'close') await store.close();
        expect(await waiting).toEqual({ done: true, value: undefined });
        expect(await messages.next()).toEqual({ done: true, value: undefined });
      },
    );

    it('delivers nothing if its signal was aborted before it started', async () => {
      const signal = AbortSignal.abort();
      expect(await collect(store.subscribe({ signal }))).toEqual([]);
    });

    it('delivers nothing more once aborted within a batch', async () => {
      await store.append('s', 'no_stream', [event('a'), event('b')]);
      const abort = new AbortController();
      const seen: SubscriptionMessage[] = [];
      for await (const message of store.subscribe({ signal: abort.signal })) {
        seen.push(message);
        abort.abort();
      }
      expect(seen).toHaveLength(1);
    });
  });

  describe('closing', () => {
    it('completes pending appends', async () => {
      const append = store.append('s', 'no_stream', [event('a')]);
      await store.close();
      expect(await append).toMatchObject({ revision: 0 });
    });

    it('is reached by a process that has nothing else to wait for', async () => {
      const script = `
        import { openSqliteEventStore } from '#event-store/adapters/sqlite/index';
        const store = await openSqliteEventStore({ path: ${JSON.stringify(path)} });
        void store.append('s', 'no_stream', [${JSON.stringify(event('a'))}]);
        await store.close();
        process.stdout.write('closed');`;
      const options = ['--conditions=source', '--input-type=module', '--eval', script];
      const { stdout } = await promisify(execFile)(process.execPath, options);
      expect(stdout).toBe('closed');
      expect(await collect(store.readStream('s'))).toHaveLength(1);
    });

    it('makes every later call reject as unavailable', async () => {
      await Promise.all([store.close(), store.close()]);
      const snapshot = { version: 1, revision: 0, position: '1', state: null };
      const calls = [
        store.append('s', 'no_stream', [event('a')]),
        store.head(),
        collect(store.readAll()),
        collect(store.readStream('s')),
        collect(store.subscribe()),
        store.snapshots.load('s'),
        store.snapshots.save('s', snapshot),
      ];
      for (const call of await Promise.allSettled(calls)) {
        expect(call).toMatchObject({ reason: expect.any(EventStoreUnavailableError) });
      }
    });
  });
});
