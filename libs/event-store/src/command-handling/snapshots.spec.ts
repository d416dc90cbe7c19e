import { describe, expect, it } from '@jest/globals';
import { userAggregate } from '#domain';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import {
  context,
  create,
  historyOf,
  NOW,
  openConnection,
  rename,
  streamOf,
  userCommands,
} from '../../../../test/support/user-commands.ts';
import { AggregateCommandHandler } from './aggregate-command-handler.ts';

const alice = streamOf('alice');

/** Handles `count` renames, numbered from `from` on. */
async function renameTimes(
  commands: ReturnType<typeof userCommands>,
  count: number,
  from = 0,
): Promise<void> {
  for (let index = from; index < from + count; index += 1) {
    await commands.handle(alice, rename(`name ${index}`), context(`c${index}`));
  }
}

/** Number of events that a new process reads to load the stream. */
async function readByColdLoad(store: InMemoryEventStore): Promise<number> {
  const before = store.eventsRead;
  await userCommands(store).load(alice);
  return store.eventsRead - before;
}

describe('The cost of a command', () => {
  it('is no read if the stream is cached', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store);
    await commands.handle(alice, create('alice'), context('created'));
    await renameTimes(commands, 250);
    expect(store.eventsRead).toBe(0);
  });

  it('after a restart is fewer than snapshotEvery events, for a stream of any length', async () => {
    const store = new InMemoryEventStore();
    await store.append(alice, 'no_stream', historyOf('alice', 9_999));
    const commands = userCommands(store, { snapshotEvery: 100 });
    for (let restart = 0; restart < 25; restart += 1) {
      await renameTimes(commands, 10, restart * 10);
      expect(await readByColdLoad(store)).toBeLessThan(100);
    }
  });

  it('is a full read only once if a long stream has no snapshot', async () => {
    const store = new InMemoryEventStore();
    await store.append(alice, 'no_stream', historyOf('alice', 9_999));
    expect(await readByColdLoad(store)).toBe(10_000);
    expect(await readByColdLoad(store)).toBe(0);
  });

  it('with a full cache is that after a restart', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store, { cacheSize: 1, snapshotEvery: 10 });
    await commands.handle(alice, create('alice'), context('created'));
    await renameTimes(commands, 24);
    await commands.handle(streamOf('bob'), create('bob'), context('bob'));
    await commands.handle(alice, rename('Alice'), context('last'));
    expect(store.eventsRead).toBe(5);
  });
});

describe('A snapshot', () => {
  it('is saved after every snapshotEvery events', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store, { snapshotEvery: 10 });
    await commands.handle(alice, create('alice'), context('created'));
    await renameTimes(commands, 8);
    expect(store.snapshots.saved).toHaveLength(0);
    await renameTimes(commands, 1, 8);
    expect(store.snapshots.saved).toEqual([alice]);
    await renameTimes(commands, 10, 9);
    expect(store.snapshots.saved).toEqual([alice, alice]);
  });

  it('is saved once for an append of several times snapshotEvery events', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store, { snapshotEvery: 10 });
    await commands.handle(alice, create('alice'), context('created'));
    for (let index = 0; index < 33; index += 1) {
      await commands.handle(alice, openConnection(`CN${index}`), context(`c${index}`));
    }
    expect(store.snapshots.saved).toHaveLength(3);
    await commands.handle(alice, { type: 'DeleteUser', at: NOW }, context('deleted'));
    expect(store.snapshots.saved).toHaveLength(4);
    expect(await readByColdLoad(store)).toBe(0);
    expect((await userCommands(store).load(alice)).state).toEqual({
      status: 'absent',
      tokensRevokedAt: NOW,
    });
  });

  it('leads to the same state as all events do', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store, { snapshotEvery: 7 });
    await commands.handle(alice, create('alice'), context('created'));
    await commands.handle(alice, openConnection('CN1'), context('opened'));
    await renameTimes(commands, 20);
    const fromSnapshot = await userCommands(store).load(alice);
    const whole = new InMemoryEventStore();
    await whole.append(alice, 'no_stream', store.log);
    const fromEvents = await userCommands(whole).load(alice);
    expect(fromSnapshot).toEqual({ ...fromEvents, eventsSinceSnapshot: 1 });
  });

  it('of another version is ignored', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store, { snapshotEvery: 2 });
    await commands.handle(alice, create('alice'), context('created'));
    await renameTimes(commands, 1);
    expect(store.snapshots.saved).toHaveLength(1);
    const raised = new AggregateCommandHandler(
      { ...userAggregate, snapshotVersion: userAggregate.snapshotVersion + 1 },
      store,
      () => new Date(NOW),
    );
    expect((await raised.load(alice)).revision).toBe(1);
    expect(store.eventsRead).toBe(2);
  });

  it('that cannot be saved is reported, and the command succeeds', async () => {
    const store = new InMemoryEventStore();
    const reported: unknown[] = [];
    const commands = userCommands(store, {
      snapshotEvery: 2,
      onSnapshotError: (stream, error) => reported.push([stream, error]),
    });
    const failure = new Error('disk full');
    store.snapshots.failNextSave(failure);
    await commands.handle(alice, create('alice'), context('created'));
    await renameTimes(commands, 1);
    expect(reported).toEqual([[alice, failure]]);
    await renameTimes(commands, 1, 1);
    expect(store.log).toHaveLength(3);
    expect(await readByColdLoad(store)).toBe(3);
  });

  it('whose save throws instead of rejecting is reported, too', async () => {
    const store = new InMemoryEventStore();
    const reported: unknown[] = [];
    const failure = new Error('closed');
    store.snapshots.save = () => {
      throw failure;
    };
    const commands = userCommands(store, {
      snapshotEvery: 1,
      onSnapshotError: (_, error) => reported.push(error),
    });
    await commands.handle(alice, create('alice'), context('created'));
    expect(reported).toEqual([failure]);
  });

  it('that could not be saved is saved by the next process that reads as many events', async () => {
    const store = new InMemoryEventStore();
    store.snapshots.failNextSave(new Error('disk full'));
    const commands = userCommands(store, { snapshotEvery: 10 });
    await commands.handle(alice, create('alice'), context('created'));
    await renameTimes(commands, 9);
    await userCommands(store, { snapshotEvery: 10 }).load(alice);
    expect(store.snapshots.saved).toEqual([alice]);
    expect(await readByColdLoad(store)).toBe(0);
  });
});
