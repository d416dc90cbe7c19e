import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NewEvent } from '../../envelope.ts';
import { WrongExpectedRevisionError } from '../../errors.ts';
import type { EventStore, ExpectedRevision, StreamAppend } from '../../event-store.ts';
import { openSqliteEventStore } from './index.ts';

let folder: string;
let store: EventStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'append-many-'));
  store = await openSqliteEventStore({ path: join(folder, 'events.db') });
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

function event(): NewEvent {
  const causationId = randomUUID();
  const metadata = {
    occurredAt: '2025-03-01T12:00:00.123Z',
    correlationId: causationId,
    causationId,
    actor: 'cli',
  };
  return { id: randomUUID(), type: 'UserDeleted', schemaVersion: 1, data: {}, metadata };
}

function append(stream: string, expectedRevision: ExpectedRevision, count = 1): StreamAppend {
  return { stream, expectedRevision, events: Array.from({ length: count }, event) };
}

async function places(): Promise<string[]> {
  const found: string[] = [];
  for await (const { stream, revision } of store.readAll()) found.push(`${stream}@${revision}`);
  return found;
}

describe('Appending to several streams in one transaction', () => {
  it('keeps the given order, even with several appends to one stream', async () => {
    const appends = [append('user-a', 'no_stream', 2), append('user-b', 'no_stream')];
    await store.appendMany?.([...appends, append('user-a', 1), append('user-b', 0)]);
    expect(await places()).toEqual(['user-a@0', 'user-a@1', 'user-b@0', 'user-a@2', 'user-b@1']);
  });

  it('returns the result of the last append', async () => {
    const appends = [append('user-a', 'no_stream'), append('user-b', 'no_stream', 3)];
    expect(await store.appendMany?.(appends)).toEqual({
      revision: 2,
      position: await store.head(),
    });
  });

  it('writes nothing if one stream has another revision, and names that stream', async () => {
    const appends = [append('user-a', 'no_stream'), append('user-b', 4), append('user-c', 0)];
    const refused = store.appendMany?.(appends);
    await expect(refused).rejects.toThrow(WrongExpectedRevisionError);
    await expect(refused).rejects.toThrow('Stream user-b is at no_stream, expected 4');
    expect(await places()).toEqual([]);
  });

  it('does not affect concurrent appends when it is rejected', async () => {
    const [refused, beside] = await Promise.allSettled([
      store.appendMany?.([append('user-a', 'no_stream'), append('user-b', 4)]),
      store.append('user-c', 'no_stream', [event()]),
    ]);
    expect([refused.status, beside.status]).toEqual(['rejected', 'fulfilled']);
    expect(await places()).toEqual(['user-c@0']);
  });

  it('writes nothing twice when it is repeated, and returns the first result', async () => {
    const appends = [append('user-a', 'no_stream'), append('user-b', 'no_stream')];
    const again = [...appends, append('user-a', 0)];
    const first = await store.appendMany?.(again);
    expect(await store.appendMany?.(again)).toEqual(first);
    expect(await places()).toHaveLength(3);
  });

  it('rejects an append without events', async () => {
    await expect(store.appendMany?.([append('user-a', 'no_stream', 0)])).rejects.toThrow(
      RangeError,
    );
    await expect(store.appendMany?.([])).rejects.toThrow(RangeError);
  });
});
