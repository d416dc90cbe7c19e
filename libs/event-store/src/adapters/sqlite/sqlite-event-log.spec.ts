import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  collect,
  ids,
  newEvent,
  newEvents,
} from '../../../../../test/contract/event-store/samples.ts';
import { until } from '../../../../../test/support/until.ts';
import { EventStoreUnavailableError } from '../../errors.ts';
import type { EventLog, EventStore } from '../../event-store.ts';
import { onAppend } from './append-notifier.ts';
import { openSqliteEventLog, openSqliteEventStore, UnsupportedFileError } from './index.ts';

describe('A read-only log beside a SQLite event store', () => {
  let directory: string;
  let path: string;
  let store: EventStore;
  let log: EventLog;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'event-log-'));
    path = join(directory, 'events.db');
    store = await openSqliteEventStore({ path });
    log = openSqliteEventLog({ path });
  });

  afterEach(async () => {
    await log.close();
    await store.close();
    await rm(directory, { recursive: true });
  });

  it('reads the same events as the store', async () => {
    await store.append('a', 'no_stream', newEvents(3));
    await store.append('b', 'no_stream', newEvents(2));
    expect(log.epoch).toBe(store.epoch);
    expect(await log.head()).toBe(await store.head());
    expect(await collect(log.readAll())).toEqual(await collect(store.readAll()));
    expect(await collect(log.readStream('b'))).toEqual(await collect(store.readStream('b')));
  });

  it('delivers later appends of the store', async () => {
    const event = newEvent();
    const messages = log.subscribe()[Symbol.asyncIterator]();
    expect(await messages.next()).toMatchObject({ value: { kind: 'caughtUp', position: null } });
    const next = messages.next();
    await store.append('a', 'no_stream', [event]);
    expect(await next).toMatchObject({ value: { kind: 'event', event: { id: event.id } } });
  });

  it('ends its subscriptions when it is closed, and leaves the store open', async () => {
    const messages = log.subscribe()[Symbol.asyncIterator]();
    await messages.next();
    const next = messages.next();
    await log.close();
    expect(await next).toEqual({ done: true, value: undefined });
    const event = newEvent();
    await store.append('a', 'no_stream', [event]);
    expect(ids(await collect(store.readAll()))).toEqual([event.id]);
  });

  it('is notified of the position of each append, however the path is written', async () => {
    const heard: number[] = [];
    const stop = onAppend(relative(process.cwd(), path), (row) => heard.push(row));
    await store.append('a', 'no_stream', newEvents(3));
    await store.append('b', 'no_stream', newEvents(2));
    await until('both appends', () => (heard.length === 2 ? true : undefined));
    stop();
    expect(heard).toEqual([3, 5]);
  });

  it('is not notified of a rejected append', async () => {
    const heard: number[] = [];
    const stop = onAppend(path, (row) => heard.push(row));
    await expect(store.append('a', 7, newEvents(1))).rejects.toThrow();
    await store.append('a', 'no_stream', newEvents(1));
    await until('the append', () => (heard.length > 0 ? true : undefined));
    stop();
    expect(heard).toEqual([1]);
  });

  it('creates no file if there is none', () => {
    const missing = join(directory, 'missing.db');
    expect(() => openSqliteEventLog({ path: missing })).toThrow(EventStoreUnavailableError);
    expect(() => openSqliteEventLog({ path: missing })).toThrow(missing);
  });

  it('refuses a file that is not an event store', async () => {
    const other = join(directory, 'other.db');
    await writeFile(other, 'something else');
    expect(() => openSqliteEventLog({ path: other })).toThrow(UnsupportedFileError);
  });
});
