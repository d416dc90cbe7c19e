import { describe, expect, it } from '@jest/globals';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import {
  context,
  create,
  historyOf,
  openConnection,
  rename,
  streamOf,
  userCommands,
} from '../../../../test/support/user-commands.ts';

const names = ['alice', 'bob', 'cleo'];
const streams = names.map(streamOf);

async function threeUsers(): Promise<InMemoryEventStore> {
  const store = new InMemoryEventStore();
  for (const name of names) await store.append(streamOf(name), 'no_stream', historyOf(name, 2));
  return store;
}

/** A store without `loadStreams`, like EventStoreDB. */
function oneByOne(store: InMemoryEventStore): InMemoryEventStore {
  return Object.assign(store, { loadStreams: undefined });
}

describe('Preloaded streams', () => {
  it('are loaded in one read, and their commands read nothing', async () => {
    const store = await threeUsers();
    const commands = userCommands(store);
    await commands.preload(streams);
    expect([store.streamLoads, store.eventsRead]).toEqual([1, 9]);
    const opened = streams.map((stream) =>
      commands.handle(stream, openConnection('CN1'), context(stream)),
    );
    await Promise.all(opened);
    expect(store.log).toHaveLength(12);
    expect([store.appendCalls - 3, store.eventsRead]).toEqual([3, 9]);
  });

  it('are read one by one if the store has no loadStreams', async () => {
    const store = oneByOne(await threeUsers());
    const commands = userCommands(store);
    await commands.preload(streams);
    await commands.handle(streams[1] ?? '', rename('Bob'), context('c1'));
    expect(store.eventsRead).toBe(9);
    expect(store.log).toHaveLength(10);
  });

  it('are not read if they are cached', async () => {
    const store = await threeUsers();
    const commands = userCommands(store);
    await commands.preload(streams);
    await commands.preload(streams);
    expect(store.eventsRead).toBe(9);
  });

  it('are read once if they are named twice', async () => {
    const store = await threeUsers();
    await userCommands(store).preload([...streams, ...streams]);
    expect(store.eventsRead).toBe(9);
  });

  it('start at their snapshots', async () => {
    const store = await threeUsers();
    await userCommands(store, { snapshotEvery: 3 }).preload(streams);
    expect(store.snapshots.saved).toEqual(streams);
    const restarted = userCommands(store);
    await restarted.preload(streams);
    expect(store.eventsRead).toBe(9);
    const { state } = await restarted.load(streams[0] ?? '');
    expect(state).toMatchObject({ profile: { friendlyName: 'name 1' } });
  });

  it('may have no events', async () => {
    const store = new InMemoryEventStore();
    const commands = userCommands(store);
    await commands.preload(streams);
    await commands.handle(streams[0] ?? '', create('alice'), context('c1'));
    expect(store.log).toHaveLength(1);
  });

  it('do not replace a state that a command has cached meanwhile', async () => {
    const store = await threeUsers();
    const commands = userCommands(store);
    const alice = streams[0] ?? '';
    const load = store.loadStreams.bind(store);
    store.loadStreams = async (...args) => {
      const loaded = await load(...args);
      await commands.handle(alice, rename('Alice'), context('c1'));
      return loaded;
    };
    await commands.preload(streams);
    const conflicts = store.appendCalls;
    await commands.handle(alice, rename('Al'), context('c2'));
    expect(store.appendCalls - conflicts).toBe(1);
    expect(store.log.at(-1)?.revision).toBe(4);
  });

  it('are reloaded by a command if another process has appended', async () => {
    const store = await threeUsers();
    const [here, there] = [userCommands(store), userCommands(store.another())];
    const alice = streams[0] ?? '';
    await here.preload(streams);
    await there.handle(alice, openConnection('CN1'), context('c1'));
    const { state } = await here.handle(alice, openConnection('CN2'), context('c2'));
    expect(state).toMatchObject({ connections: [{ sid: 'CN1' }, { sid: 'CN2' }] });
  });
});

describe('Commands on streams that are not in memory', () => {
  it('load them in one read if they come in one turn of the event loop', async () => {
    const store = await threeUsers();
    const commands = userCommands(store);
    await Promise.all(
      streams.map((stream) => commands.handle(stream, openConnection('CN1'), context(stream))),
    );
    expect([store.streamLoads, store.eventsRead]).toEqual([1, 9]);
    expect(store.log).toHaveLength(12);
  });

  it('fold a stream to its end that is longer than one read', async () => {
    const store = await threeUsers();
    store.mostEventsLoaded = 2;
    const { state } = await userCommands(store).load(streams[1] ?? '');
    expect(state).toMatchObject({ profile: { friendlyName: 'name 1' } });
    expect(store.eventsRead).toBe(3);
  });

  it('see what another process appended before they came', async () => {
    const store = await threeUsers();
    const [here, there] = [userCommands(store), userCommands(store.another())];
    const [alice = '', bob = ''] = streams;
    await there.handle(bob, openConnection('CN1'), context('c1'));
    const [, loaded] = await Promise.all([here.load(alice), here.load(bob)]);
    expect(loaded.state).toMatchObject({ connections: [{ sid: 'CN1' }] });
  });
});
