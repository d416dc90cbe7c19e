import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { serviceStream, userSid, userStream } from '#domain';
import { muteLogger } from '../../../../../test/support/muted-logger.ts';
import { until } from '../../../../../test/support/until.ts';
import { Recorder, SERVICE, WatchedWorld } from '../../../../../test/support/watched-world.ts';

const ONLINE = { isOnline: true, isNotifiable: false };
const OFFLINE = { isOnline: false, isNotifiable: false };
const NULLS = { isOnline: null, isNotifiable: null };

describe('Watching', () => {
  let world: WatchedWorld;
  let watcher: Recorder;

  beforeEach(async () => {
    world = await WatchedWorld.start();
    watcher = new Recorder();
  });
  afterEach(() => world.stop());

  const told = (identity: string, by = watcher) => by.told.get(world.sid(identity));

  /** Makes seeds wait, after they were read, until what it gives is called. */
  function holdSeeds(): { readonly reading: Promise<void>; readonly release: () => void } {
    const reading = Promise.withResolvers<undefined>();
    const held = Promise.withResolvers<undefined>();
    world.readModel.afterSeed = async () => {
      reading.resolve(undefined);
      await held.promise;
    };
    return {
      reading: reading.promise.then(() => undefined),
      release: () => held.resolve(undefined),
    };
  }

  it('gives how a User stands, then each change once', async () => {
    await world.create('alice');
    await world.showAll();
    await world.watch(watcher, 'alice');
    expect(told('alice')).toMatchObject({ ...NULLS, identity: 'alice' });
    await world.connect('alice');
    await world.bind('alice');
    await world.disconnect('alice');
    await world.showAll();
    expect(watcher.heard).toEqual([
      'changed alice true false',
      'changed alice true true',
      'changed alice false true',
    ]);
  });

  it('tells of a change from the log, without waiting for the read model', async () => {
    await world.create('alice');
    await world.showAll();
    await world.watch(watcher, 'alice');
    await world.connect('alice');
    await world.showLog();
    expect(told('alice')).toMatchObject(ONLINE);
  });

  it('tells nothing of what changes no answer', async () => {
    await world.connect('alice');
    await world.showAll();
    await world.watch(watcher, 'alice');
    await world.user('alice', { type: 'UpdateUser', changes: { friendlyName: 'Al' } });
    await world.connect('alice', 'CN-second');
    await world.disconnect('alice', 'CN-second');
    await world.showAll();
    expect(watcher.heard).toEqual([]);
  });

  it('gives a second watcher the version of now, not that of the last change', async () => {
    await world.connect('alice');
    await world.showAll();
    await world.watch(watcher, 'alice');
    await world.connect('alice', 'CN-second');
    await world.showAll();
    const second = new Recorder();
    await world.watch(second, 'alice');
    expect(told('alice', second)).toEqual(await world.truth('alice'));
  });

  it('tells once of a change between registering and the seed', async () => {
    await world.create('alice');
    await world.showAll();
    const { reading, release } = holdSeeds();
    const watching = world.watch(watcher, 'alice');
    await reading;
    await world.connect('alice');
    await world.showAll();
    expect(told('alice')).toBeUndefined();
    release();
    await watching;
    expect(told('alice')).toMatchObject(ONLINE);
    expect(watcher.heard).toEqual([]);
  });

  it('waits for the feed where the read model is ahead of it', async () => {
    await world.connect('bob');
    await world.showAll();
    const early = new Recorder();
    await world.watch(early, 'bob');
    await world.setEnabled(false);
    await world.connect('alice');
    world.advanceReadModel();
    const watching = world.watch(watcher, 'alice');
    await world.showLog(1);
    await nextTurn();
    expect(told('alice')).toBeUndefined();
    await world.showLog();
    await watching;
    expect(told('alice')).toMatchObject(NULLS);
    expect(told('alice')).toEqual(await world.truth('alice'));
  });

  it('never lets a change overtake its snapshot, whatever moment it comes at', async () => {
    for (let turns = 0; turns < 40; turns += 1) {
      const identity = `user-${turns}`;
      await world.create(identity);
      await world.showAll();
      await world.connect(identity);
      const watching = world.watch(watcher, identity);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      world.log.show();
      world.advanceReadModel();
      await watching;
      await world.showLog();
      expect(told(identity)).toEqual(await world.truth(identity));
    }
  });

  it('goes on for one of two watchers when the other leaves during its seed', async () => {
    await world.create('alice');
    await world.showAll();
    const leaver = new Recorder();
    const { reading, release } = holdSeeds();
    const both = [world.watch(leaver, 'alice'), world.watch(watcher, 'alice')];
    await reading;
    world.unwatch(leaver, 'alice');
    release();
    await Promise.all(both);
    world.unwatch(leaver, 'alice');
    await world.connect('alice');
    await world.showAll();
    expect(told('alice')).toMatchObject(ONLINE);
    expect(leaver.heard).toEqual([]);
    expect(world.readModel.seeds).toHaveLength(1);
  });

  it('shows nothing of a User of another Service, whatever becomes of it', async () => {
    const other = `IS${'2'.repeat(32)}`;
    await world.createService(other);
    await world.create('alice', other);
    await world.showAll();
    const sid = userSid(other, 'alice');
    await world.hub.watchUsers(watcher, SERVICE, [sid], watcher.begin);
    expect(watcher.told.get(sid)).toBe('absent');
    await world.user('alice', { type: 'DeleteUser', at: '' }, other);
    await world.create('alice', other);
    await world.showAll();
    expect(watcher.heard).toEqual([]);
  });

  it('asks for nothing anew where all that a watch needs is known already', async () => {
    const other = `IS${'2'.repeat(32)}`;
    await world.createService(other);
    await world.create('alice');
    await world.create('zoe', other);
    await world.showAll();
    await world.watch(watcher, 'alice');
    const stranger = new Recorder();
    await world.hub.watchUsers(stranger, other, [userSid(other, 'zoe')], stranger.begin);
    const seeds = world.readModel.seeds.length;
    await world.hub.watchUsers(stranger, other, [world.sid('alice')], stranger.begin);
    expect(stranger.told.get(world.sid('alice'))).toBe('absent');
    expect(world.readModel.seeds).toHaveLength(seeds);
  });

  it('counts a Connection for nothing whose node was lost before it, also during the seed', async () => {
    await world.create('alice');
    await world.showAll();
    const { reading, release } = holdSeeds();
    const watching = world.watch(watcher, 'alice');
    await reading;
    await world.node('LoseNode');
    await world.connect('alice');
    await world.showAll();
    release();
    await watching;
    expect(told('alice')).toMatchObject(NULLS);
  });

  it('counts a Connection that came before its node was lost during the seed', async () => {
    await world.create('alice');
    await world.showAll();
    const { reading, release } = holdSeeds();
    const watching = world.watch(watcher, 'alice');
    await reading;
    await world.connect('alice');
    await world.node('LoseNode');
    await world.showAll();
    release();
    await watching;
    expect(told('alice')).toMatchObject(ONLINE);
  });

  it('lets a User appear, with its identity, that is created after it was asked for', async () => {
    await world.watch(watcher, 'alice');
    expect(told('alice')).toBe('absent');
    await world.create('alice');
    await world.showAll();
    expect(watcher.heard).toEqual(['appeared alice null null']);
  });

  it('tells that a deleted User is gone, and that it is there again when it is made anew', async () => {
    await world.connect('alice');
    await world.showAll();
    await world.watch(watcher, 'alice');
    await world.delete('alice');
    await world.create('alice');
    await world.connect('alice');
    await world.showAll();
    expect(watcher.heard).toEqual([
      'changed alice false false',
      'gone',
      'appeared alice null null',
      'changed alice true false',
    ]);
  });

  it('tells once that the Service was switched, however many Users are watched, then nothing until the next connect', async () => {
    await world.connect('alice');
    await world.connect('bob');
    await world.create('carol');
    await world.showAll();
    await world.watch(watcher, 'alice', 'bob', 'carol');
    await world.setEnabled(false);
    await world.disconnect('alice');
    await world.bind('bob');
    await world.setEnabled(true);
    await world.showAll();
    expect(watcher.heard).toEqual(['disabled', 'enabled']);
    await world.connect('alice');
    await world.showAll();
    expect(watcher.heard).toHaveLength(3);
    expect(told('alice')).toMatchObject(ONLINE);
  });

  it('tells that every User is gone when the Service is deleted, once', async () => {
    await world.connect('alice');
    await world.create('bob');
    await world.showAll();
    await world.watch(watcher, 'alice', 'bob');
    await world.deleteService();
    await world.delete('alice');
    await world.delete('bob');
    await world.showAll();
    expect(watcher.heard).toEqual(['gone', 'gone']);
  });

  describe('where an event cannot be read', () => {
    /** Lets the feed see the log with an event of a type that nobody knows in place of the last one. */
    async function showLastGarbled(): Promise<void> {
      const last = world.head;
      world.log.transform = (event) =>
        event.position === last ? { ...event, type: 'Unheard' } : event;
      await world.showLog();
    }

    beforeEach(() => {
      muteLogger('error');
    });
    afterEach(() => {
      jest.restoreAllMocks();
    });

    it('tells what the read model has made of it, as soon as that has', async () => {
      await world.create('alice');
      await world.showAll();
      await world.watch(watcher, 'alice');
      await world.connect('alice');
      await showLastGarbled();
      expect(watcher.heard).toEqual([]);
      world.advanceReadModel();
      await until('alice to be told of', () => watcher.heard[0]);
      expect(told('alice')).toEqual(await world.truth('alice'));
      await world.disconnect('alice');
      await world.showAll();
      expect(watcher.heard).toEqual(['changed alice true false', 'changed alice false false']);
    });

    it('tells whoever knows all that was told before of it, though its place was before that', async () => {
      await world.create('alice');
      await world.create('bob');
      await world.showAll();
      await world.watch(watcher, 'alice', 'bob');
      await world.connect('alice');
      await showLastGarbled();
      await world.connect('bob');
      await world.showLog();
      const since = world.hub.version;
      world.advanceReadModel();
      await until('alice to be told of', () => watcher.heard[1]);
      const sids = [world.sid('alice'), world.sid('bob')];
      expect(world.hub.changesSince(SERVICE, sids, since)).toEqual([
        expect.objectContaining({ kind: 'changed', facts: await world.truth('alice') }),
      ]);
    });

    it('tells that the Service was switched, where that was it', async () => {
      await world.connect('alice');
      await world.showAll();
      await world.watch(watcher, 'alice');
      await world.setEnabled(false);
      await showLastGarbled();
      world.advanceReadModel();
      await until('the Service to be told of', () => watcher.heard[0]);
      expect(watcher.heard).toEqual(['disabled']);
      expect(told('alice')).toMatchObject(NULLS);
    });
  });

  describe('where a change has thousands of watchers', () => {
    const MANY = 3_000;

    /** A watcher that takes its time. */
    class Slow extends Recorder {
      override userChanged(facts: Parameters<Recorder['userChanged']>[0]): void {
        const until = performance.now() + 0.02;
        while (performance.now() < until);
        super.userChanged(facts);
      }
    }

    it('lets other work go on meanwhile, and tells all of them, in order', async () => {
      await world.connect('alice');
      await world.showAll();
      const watchers = Array.from({ length: MANY }, () => new Slow());
      for (const each of watchers) await world.hub.joinService(each, SERVICE);
      for (const each of watchers) await world.watch(each, 'alice');
      let turns = 0;
      const turning = setInterval(() => (turns += 1), 0);
      await world.disconnect('alice');
      await world.connect('alice');
      await world.showLog();
      clearInterval(turning);
      expect(turns).toBeGreaterThan(5);
      const heard = ['changed alice false false', 'changed alice true false'];
      for (const each of watchers) expect(each.heard).toEqual(heard);
    });

    it('tells none that has left by the time, and begins with none that joins before all are told', async () => {
      await world.connect('alice');
      await world.showAll();
      const watchers = Array.from({ length: MANY }, () => new Slow());
      for (const each of watchers) await world.watch(each, 'alice');
      await world.disconnect('alice');
      const shown = world.showLog();
      await until('the first to be told', () => watchers[0]?.heard[0]);
      expect(world.hub.isPublishing).toBe(true);
      const last = watchers.at(-1) ?? watcher;
      world.hub.unwatchUsers(last, SERVICE, [world.sid('alice')]);
      await world.hub.watchUsers(watcher, SERVICE, [world.sid('alice')], (found) => {
        expect(world.hub.isPublishing).toBe(false);
        watcher.begin(found);
      });
      await shown;
      expect(last.heard).toEqual([]);
      expect(told('alice')).toEqual(await world.truth('alice'));
      expect(watcher.heard).toEqual([]);
      expect(watchers.slice(0, -1).every(({ heard }) => heard.length === 1)).toBe(true);
    });
  });

  describe('where the read model is behind', () => {
    beforeEach(() => {
      jest.useFakeTimers();
    });
    afterEach(() => {
      jest.useRealTimers();
    });

    it('fails after a while, and leaves nothing behind', async () => {
      await world.connect('alice');
      await world.showLog();
      const outcome = world.watch(watcher, 'alice').catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(2_100);
      expect(await outcome).toMatchObject({ code: 'EVENT_STORE.UNAVAILABLE' });
      expect(watcher.told.size).toBe(0);
      world.advanceReadModel();
      await world.watch(watcher, 'alice');
      expect(world.readModel.seeds).toEqual([
        [serviceStream(SERVICE), userStream(world.sid('alice'))],
      ]);
      expect(told('alice')).toMatchObject(ONLINE);
    });

    it('does not spoil a watch that begins while one that fails has not yet let go', async () => {
      await world.connect('alice');
      await world.connect('bob');
      await world.connect('carol');
      await world.showLog(2);
      const failing = world.watch(watcher, 'alice').catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(1_000);
      await world.showLog();
      const joining = world.watch(new Recorder(), 'bob').catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(1_050);
      expect(await failing).toBeInstanceOf(Error);
      world.advanceReadModel();
      await Promise.all([world.watch(watcher, 'carol'), world.watch(watcher, 'bob')]);
      await joining;
      expect(told('carol')).toEqual(await world.truth('carol'));
      expect(told('bob')).toEqual(await world.truth('bob'));
    });
  });

  it('keeps nothing once everybody has left: the next one is seeded from nothing', async () => {
    await world.connect('alice');
    await world.create('bob');
    await world.showAll();
    const second = new Recorder();
    const keys = ['alice', 'bob'].map((identity) => userStream(world.sid(identity)));
    for (let round = 0; round < 3; round += 1) {
      await Promise.all([world.watch(watcher, 'alice'), world.watch(second, 'alice', 'bob')]);
      world.unwatch(second, 'alice', 'bob');
      world.unwatch(watcher, 'alice');
    }
    const seeded = world.readModel.seeds.flat();
    for (const key of [serviceStream(SERVICE), ...keys]) {
      expect(seeded.filter((each) => each === key)).toHaveLength(3);
    }
    await world.disconnect('alice');
    await world.showAll();
    expect([...watcher.heard, ...second.heard]).toEqual([]);
    await world.watch(watcher, 'alice');
    expect(told('alice')).toMatchObject(OFFLINE);
  });
});
