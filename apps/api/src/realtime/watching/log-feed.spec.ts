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
import { LogFeed } from './log-feed.ts';

describe('The log feed', () => {
  let store: InMemoryEventStore;
  let feed: LogFeed;
  let commands: ReturnType<typeof userCommands>;
  let complaints: string[];

  beforeEach(() => {
    store = new InMemoryEventStore();
    feed = new LogFeed(store);
    commands = userCommands(store);
    complaints = [];
    for (const level of ['warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((message) => {
        complaints.push(String(message));
      });
    }
  });
  afterEach(async () => {
    await feed.stop();
    jest.restoreAllMocks();
  });

  const createUser = (identity: string) =>
    commands.handle(streamOf(identity), create(identity), context(identity));

  /** Settles once everything has been seen. */
  async function seen(): Promise<void> {
    expect(await feed.waitFor(await store.head(), 5_000)).toBe(true);
  }

  function recorded(): string[] {
    const streams: string[] = [];
    feed.onEvent(({ stream }) => {
      streams.push(stream);
    });
    return streams;
  }

  it('gives every listener every event after where it begins, in order', async () => {
    const { position } = await createUser('before');
    const listeners = [recorded(), recorded()];
    feed.start({ ...START, position });
    await createUser('alice');
    await createUser('bob');
    await seen();
    for (const streams of listeners) expect(streams).toEqual([streamOf('alice'), streamOf('bob')]);
  });

  it('goes on where it was after the log was lost, with every event once', async () => {
    const streams = recorded();
    feed.start(START);
    await createUser('alice');
    await seen();
    store.dropSubscriptions();
    await createUser('bob');
    await seen();
    expect(streams).toEqual([streamOf('alice'), streamOf('bob')]);
    expect(complaints).toHaveLength(1);
  });

  it('keeps nothing from others when one listener fails', async () => {
    feed.onEvent(() => {
      throw new Error('a listener failed');
    });
    const streams = recorded();
    feed.start(START);
    await createUser('alice');
    await createUser('bob');
    await seen();
    expect(streams).toEqual([streamOf('alice'), streamOf('bob')]);
    expect(complaints).toHaveLength(2);
  });

  it('leaves out what it cannot read, and goes on', async () => {
    const streams = recorded();
    feed.start(START);
    const metadata = { occurredAt: '', correlationId: '', causationId: '', actor: '' };
    await store.append('user-x', 'no_stream', [
      { id: '1', type: 'Unheard', schemaVersion: 1, data: {}, metadata },
    ]);
    await createUser('alice');
    await seen();
    expect(streams).toEqual([streamOf('alice')]);
    expect(complaints).toEqual([expect.stringContaining('user-x@0')]);
  });

  it('says when a place is not reached in time', async () => {
    await createUser('alice');
    expect(await feed.waitFor(await store.head(), 1)).toBe(false);
  });

  it('has seen a place between events once it has seen the event before', async () => {
    feed.start(START);
    await createUser('alice');
    await seen();
    expect(await feed.waitFor(`${await store.head()}5`, 1)).toBe(true);
  });

  it('stops at once, in the middle of whatever', async () => {
    const streams = recorded();
    feed.start(START);
    await createUser('alice');
    await seen();
    await feed.stop();
    await commands.handle(streamOf('alice'), openConnection('CN1'), context('later'));
    expect(streams).toHaveLength(1);
  });
});
