import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { newEvent } from '../../../../../test/contract/event-store/samples.ts';
import { UnreadableEventError } from '../../errors.ts';
import type { EventStore } from '../../event-store.ts';
import { LogReader } from './log-reader.ts';
import { LogWatcher } from './log-watcher.ts';
import { openSqliteEventStore } from './sqlite-event-store.ts';
import { Subscription } from './subscription.ts';

let directory: string;
let path: string;
let store: EventStore;
let reader: LogReader;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'subscription-'));
  path = join(directory, 'events.db');
  store = await openSqliteEventStore({ path });
  reader = new LogReader(path, 1_000);
});

afterEach(async () => {
  reader.close();
  await store.close();
  await rm(directory, { recursive: true });
});

const subscribe = (): Subscription =>
  new Subscription({ reader, watcher: new LogWatcher(reader), live: new Set() }, {});

describe('The ready messages of a subscription', () => {
  it('are none before the first message was requested, then the rest of the rows it has read', async () => {
    await store.append(
      's',
      'no_stream',
      ['a', 'b', 'c', 'd'].map((id) => newEvent({ id })),
    );
    const messages = subscribe();
    expect(messages.ready(10)).toEqual([]);
    expect(await messages.next()).toMatchObject({ value: { event: { id: 'a' } } });
    expect(messages.ready(2)).toMatchObject([{ event: { id: 'b' } }, { event: { id: 'c' } }]);
    expect(await messages.next()).toMatchObject({ value: { event: { id: 'd' } } });
    expect(messages.ready(10)).toEqual([]);
    expect(await messages.next()).toMatchObject({ value: { kind: 'caughtUp' } });
    await messages.return();
  });

  it('end before an unreadable event, whose error is thrown for the next message', async () => {
    await store.append(
      's',
      'no_stream',
      ['a', 'b', 'c'].map((id) => newEvent({ id })),
    );
    const db = new DatabaseSync(path);
    db.exec("UPDATE events SET data = 'no JSON' WHERE revision = 2");
    db.close();
    const messages = subscribe();
    await messages.next();
    expect(messages.ready(10)).toMatchObject([{ event: { id: 'b' } }]);
    await expect(messages.next()).rejects.toBeInstanceOf(UnreadableEventError);
    expect(await messages.next()).toEqual({ done: true, value: undefined });
  });
});
