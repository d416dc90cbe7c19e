import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { START } from '#projections';
import { InMemoryEventStore } from '../../../../../test/support/in-memory-event-store.ts';
import {
  context,
  create,
  openConnection,
  streamOf,
  userCommands,
} from '../../../../../test/support/user-commands.ts';
import { until } from '../../../../../test/support/until.ts';
import { LogFeed } from './log-feed.ts';

describe('The log feed', () => {
  let store: InMemoryEventStore;
  let feed: LogFeed;
  let commands: ReturnType<typeof userCommands>;
  let logged: string[];

  beforeEach(() => {
    store = new InMemoryEventStore();
    feed = new LogFeed(store);
    commands = userCommands(store);
    logged = [];
    for (const level of ['warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((message) => {
        logged.push(String(message));
      });
    }
  });
  afterEach(async () => {
    await feed.stop();
    jest.restoreAllMocks();
  });

  const createUser = (identity: string) =>
    commands.handle(streamOf(identity), create(identity), context(identity));

  /** Settles once the listeners have handled every event. */
  async function caughtUp(): Promise<void> {
    expect(await feed.waitFor(await store.head(), 5_000)).toBe(true);
  }

  /** Adds a listener. Returns the streams of its events. */
  function listen(): string[] {
    const streams: string[] = [];
    feed.onEvent(({ stream }) => {
      streams.push(stream);
    });
    return streams;
  }

  it('passes on nothing more once the log lacks the last event that it has read', async () => {
    const { position } = await createUser('before');
    const streams = listen();
    feed.start(START);
    await createUser('lost');
    await caughtUp();
    store.goBackTo(position);
    await createUser('other');
    await until('a warning', () => logged.find((line) => line.includes('The log was restored')));
    expect(streams).toEqual([streamOf('before'), streamOf('lost')]);
    expect(feed.lastEvent?.position).not.toBe(position);
  });

  it('passes every event after its start position to every listener, in order', async () => {
    const { position } = await createUser('before');
    const listeners = [listen(), listen()];
    feed.start({ ...START, position });
    await createUser('alice');
    await createUser('bob');
    await caughtUp();
    for (const streams of listeners) expect(streams).toEqual([streamOf('alice'), streamOf('bob')]);
  });

  it('continues after a lost connection, with every event once', async () => {
    const streams = listen();
    feed.start(START);
    await createUser('alice');
    await caughtUp();
    store.dropSubscriptions();
    await createUser('bob');
    await caughtUp();
    expect(streams).toEqual([streamOf('alice'), streamOf('bob')]);
    // The store's monitor reports outages.
    expect(logged).toEqual([]);
  });

  it('calls the other listeners when one fails', async () => {
    feed.onEvent(() => {
      throw new Error('a listener failed');
    });
    const streams = listen();
    feed.start(START);
    await createUser('alice');
    await createUser('bob');
    await caughtUp();
    expect(streams).toEqual([streamOf('alice'), streamOf('bob')]);
    expect(logged).toHaveLength(2);
  });

  it('skips an event that it cannot decode', async () => {
    const streams = listen();
    feed.start(START);
    const metadata = { occurredAt: '', correlationId: '', causationId: '', actor: '' };
    await store.append('user-x', 'no_stream', [
      { id: '1', type: 'UnknownType', schemaVersion: 1, data: {}, metadata },
    ]);
    await createUser('alice');
    await caughtUp();
    expect(streams).toEqual([streamOf('alice')]);
    expect(logged).toEqual([expect.stringContaining('user-x@0')]);
  });

  it('returns false when it does not reach a position in time', async () => {
    await createUser('alice');
    expect(await feed.waitFor(await store.head(), 1)).toBe(false);
  });

  it('has reached a position between two events once it has handled the first', async () => {
    feed.start(START);
    await createUser('alice');
    await caughtUp();
    expect(await feed.waitFor(`${await store.head()}5`, 1)).toBe(true);
  });

  it('passes on no event after stop', async () => {
    const streams = listen();
    feed.start(START);
    await createUser('alice');
    await caughtUp();
    await feed.stop();
    await commands.handle(streamOf('alice'), openConnection('CN1'), context('later'));
    expect(streams).toHaveLength(1);
  });
});
