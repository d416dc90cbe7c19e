import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { serviceStream, userSid, userStream } from '#domain';
import { muteLogger } from '../../../../../test/support/muted-logger.ts';
import { until } from '../../../../../test/support/until.ts';
import { Recorder, SERVICE, WatchedWorld } from '../../../../../test/support/watched-world.ts';

const ONLINE = { isOnline: true, isNotifiable: false };
const OFFLINE = { isOnline: false, isNotifiable: false };
const NULLS = { isOnline: null, isNotifiable: null };

describe('The change publisher', () => {
  let world: WatchedWorld;
  let watcher: Recorder;

  beforeEach(async () => {
    world = await WatchedWorld.start();
    watcher = new Recorder();
  });
  afterEach(() => world.stop());

  /** What a watcher knows of a User. */
  const known = (identity: string, by = watcher) => by.known.get(world.sid(identity));

  /** Holds back the results of the read model until `release` is called. */
  function holdLoads(): { readonly reading: Promise<void>; readonly release: () => void } {
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

  it('gives a watcher the facts of a User, then each change once', async () => {
    await world.create('alice');
    await world.showAll();
    await world.watch(watcher, 'alice');
    expect(known('alice')).toMatchObject({ ...NULLS, identity: 'alice' });
    await world.connect('alice');
    await world.bind('alice');
    await world.disconnect('alice');
    await world.showAll();
    expect(watcher.received).toEqual([
      'changed alice true false',
      'changed alice true true',
      'changed alice false true',
    ]);
  });

  it('publishes a change from the log without waiting for the read model', async () => {
    await world.create('alice');
    await world.showAll();
    await world.watch(watcher, 'alice');
    await world.connect('alice');
    await world.showLog();
    expect(known('alice')).toMatchObject(ONLINE);
  });

  it('publishes nothing for an event that leaves the facts as they are', async () => {
    await world.connect('alice');
    await world.showAll();
    await world.watch(watcher, 'alice');
    await world.user('alice', { type: 'UpdateUser', changes: { friendlyName: 'Al' } });
    await world.connect('alice', 'CN-second');
    await world.disconnect('alice', 'CN-second');
    await world.showAll();
    expect(watcher.received).toEqual([]);
  });

  it('gives a second watcher the current version, not that of the last published change', async () => {
    await world.connect('alice');
    await world.showAll();
    await world.watch(watcher, 'alice');
    await world.connect('alice', 'CN-second');
    await world.showAll();
    const second = new Recorder();
    await world.watch(second, 'alice');
    expect(known('alice', second)).toEqual(await world.truth('alice'));
  });

  it('includes a change during the load in the first facts, and does not publish it again', async () => {
    await world.create('alice');
    await world.showAll();
    const { reading, release } = holdLoads();
    const watching = world.watch(watcher, 'alice');
    await reading;
    await world.connect('alice');
    await world.showAll();
    expect(known('alice')).toBeUndefined();
    release();
    await watching;
    expect(known('alice')).toMatchObject(ONLINE);
    expect(watcher.received).toEqual([]);
  });

  it('waits for the feed when the read model is ahead of it', async () => {
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
    expect(known('alice')).toBeUndefined();
    await world.showLog();
    await watching;
    expect(known('alice')).toMatchObject(NULLS);
    expect(known('alice')).toEqual(await world.truth('alice'));
  });

  it('never publishes a change before the first facts, at whatever moment it occurs', async () => {
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
      expect(known(identity)).toEqual(await world.truth(identity));
    }
  });

  it('keeps one of two watchers when the other leaves during the load', async () => {
    await world.create('alice');
    await world.showAll();
    const leaver = new Recorder();
    const { reading, release } = holdLoads();
    const both = [world.watch(leaver, 'alice'), world.watch(watcher, 'alice')];
    await reading;
    world.unwatch(leaver, 'alice');
    release();
    await Promise.all(both);
    world.unwatch(leaver, 'alice');
    await world.connect('alice');
    await world.showAll();
    expect(known('alice')).toMatchObject(ONLINE);
    expect(leaver.received).toEqual([]);
    expect(world.readModel.seeds).toHaveLength(1);
  });

  it('publishes nothing about a User of another Service', async () => {
    const other = `IS${'2'.repeat(32)}`;
    await world.createService(other);
    await world.create('alice', other);
    await world.showAll();
    const sid = userSid(other, 'alice');
    await world.hub.watchUsers(watcher, SERVICE, [sid], watcher.begin);
    expect(watcher.known.get(sid)).toBe('absent');
    await world.user('alice', { type: 'DeleteUser', at: '' }, other);
    await world.create('alice', other);
    await world.showAll();
    expect(watcher.received).toEqual([]);
  });

  it('reads nothing from the read model when all states are loaded already', async () => {
    const other = `IS${'2'.repeat(32)}`;
    await world.createService(other);
    await world.create('alice');
    await world.create('zoe', other);
    await world.showAll();
    await world.watch(watcher, 'alice');
    const stranger = new Recorder();
    await world.hub.watchUsers(stranger, other, [userSid(other, 'zoe')], stranger.begin);
    const reads = world.readModel.seeds.length;
    await world.hub.watchUsers(stranger, other, [world.sid('alice')], stranger.begin);
    expect(stranger.known.get(world.sid('alice'))).toBe('absent');
    expect(world.readModel.seeds).toHaveLength(reads);
  });

  it('ignores a Connection whose node was lost before it opened, during the load too', async () => {
    await world.create('alice');
    await world.showAll();
    const { reading, release } = holdLoads();
    const watching = world.watch(watcher, 'alice');
    await reading;
    await world.node('LoseNode');
    await world.connect('alice');
    await world.showAll();
    release();
    await watching;
    expect(known('alice')).toMatchObject(NULLS);
  });

  it('counts a Connection that opened before its node was lost, during the load too', async () => {
    await world.create('alice');
    await world.showAll();
    const { reading, release } = holdLoads();
    const watching = world.watch(watcher, 'alice');
    await reading;
    await world.connect('alice');
    await world.node('LoseNode');
    await world.showAll();
    release();
    await watching;
    expect(known('alice')).toMatchObject(ONLINE);
  });

  it('publishes the creation of a User that was watched before it existed', async () => {
    await world.watch(watcher, 'alice');
    expect(known('alice')).toBe('absent');
    await world.create('alice');
    await world.showAll();
    expect(watcher.received).toEqual(['created alice null null']);
  });

  it('publishes that a User is deleted, and that it is created again', async () => {
    await world.connect('alice');
    await world.showAll();
    await world.watch(watcher, 'alice');
    await world.delete('alice');
    await world.create('alice');
    await world.connect('alice');
    await world.showAll();
    expect(watcher.received).toEqual([
      'changed alice false false',
      'deleted',
      'created alice null null',
      'changed alice true false',
    ]);
  });

  it('publishes a change of the Service flag once for all its Users, then nothing until the next connect', async () => {
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
    expect(watcher.received).toEqual(['disabled', 'enabled']);
    await world.connect('alice');
    await world.showAll();
    expect(watcher.received).toHaveLength(3);
    expect(known('alice')).toMatchObject(ONLINE);
  });

  it('publishes once that each User is deleted when the Service is deleted', async () => {
    await world.connect('alice');
    await world.create('bob');
    await world.showAll();
    await world.watch(watcher, 'alice', 'bob');
    await world.deleteService();
    await world.delete('alice');
    await world.delete('bob');
    await world.showAll();
    expect(watcher.received).toEqual(['deleted', 'deleted']);
  });

  describe('when an event cannot be decoded', () => {
    /** Shows the feed the log with an unknown event type in place of the last event. */
    async function showLastUndecodable(): Promise<void> {
      const last = world.head;
      world.log.transform = (event) =>
        event.position === last ? { ...event, type: 'UnknownType' } : event;
      await world.showLog();
    }

    beforeEach(() => {
      muteLogger('error');
    });
    afterEach(() => {
      jest.restoreAllMocks();
    });

    it('publishes the state of the read model once that includes the event', async () => {
      await world.create('alice');
      await world.showAll();
      await world.watch(watcher, 'alice');
      await world.connect('alice');
      await showLastUndecodable();
      expect(watcher.received).toEqual([]);
      world.advanceReadModel();
      await until('the change of alice', () => watcher.received[0]);
      expect(known('alice')).toEqual(await world.truth('alice'));
      await world.disconnect('alice');
      await world.showAll();
      expect(watcher.received).toEqual(['changed alice true false', 'changed alice false false']);
    });

    it('publishes the change with a version after those of later events', async () => {
      await world.create('alice');
      await world.create('bob');
      await world.showAll();
      await world.watch(watcher, 'alice', 'bob');
      await world.connect('alice');
      await showLastUndecodable();
      await world.connect('bob');
      await world.showLog();
      const since = world.hub.version;
      world.advanceReadModel();
      await until('the change of alice', () => watcher.received[1]);
      const sids = [world.sid('alice'), world.sid('bob')];
      expect(world.hub.changesSince(SERVICE, sids, since)).toEqual([
        expect.objectContaining({ kind: 'userChanged', facts: await world.truth('alice') }),
      ]);
    });

    it('publishes a change of the Service flag although another watcher joins before that', async () => {
      await world.connect('alice');
      await world.showAll();
      await world.watch(watcher, 'alice');
      await world.setEnabled(false);
      await showLastUndecodable();
      await world.create('bob');
      const { reading, release } = holdLoads();
      world.advanceReadModel();
      await reading;
      release();
      await nextTurn();
      await world.hub.joinService(new Recorder(), SERVICE);
      await world.showLog();
      await until('the change of the Service', () => watcher.received[0]);
      expect(watcher.received).toEqual(['disabled']);
    });

    it('publishes a change of the Service flag', async () => {
      await world.connect('alice');
      await world.showAll();
      await world.watch(watcher, 'alice');
      await world.setEnabled(false);
      await showLastUndecodable();
      world.advanceReadModel();
      await until('the change of the Service', () => watcher.received[0]);
      expect(watcher.received).toEqual(['disabled']);
      expect(known('alice')).toMatchObject(NULLS);
    });
  });

  describe('when a change has thousands of watchers', () => {
    const MANY = 3_000;

    /** A watcher that takes 20 microseconds for each change. */
    class Slow extends Recorder {
      override userChanged(facts: Parameters<Recorder['userChanged']>[0]): void {
        const until = performance.now() + 0.02;
        while (performance.now() < until);
        super.userChanged(facts);
      }
    }

    it('lets other work run meanwhile, and notifies all watchers in order', async () => {
      await world.connect('alice');
      await world.showAll();
      const watchers = Array.from({ length: MANY }, () => new Slow());
      for (const each of watchers) await world.hub.joinService(each, SERVICE);
      for (const each of watchers) await world.watch(each, 'alice');
      let turns = 0;
      const turnCounter = setInterval(() => (turns += 1), 0);
      await world.disconnect('alice');
      await world.connect('alice');
      await world.showLog();
      clearInterval(turnCounter);
      expect(turns).toBeGreaterThan(5);
      const received = ['changed alice false false', 'changed alice true false'];
      for (const each of watchers) expect(each.received).toEqual(received);
    });

    it('skips a watcher that leaves during the delivery, and adds one that joins only after it', async () => {
      await world.connect('alice');
      await world.showAll();
      const watchers = Array.from({ length: MANY }, () => new Slow());
      for (const each of watchers) await world.watch(each, 'alice');
      await world.disconnect('alice');
      const shown = world.showLog();
      await until('the first watcher to be notified', () => watchers[0]?.received[0]);
      expect(world.hub.isPublishing).toBe(true);
      const last = watchers.at(-1) ?? watcher;
      world.hub.unwatchUsers(last, SERVICE, [world.sid('alice')]);
      await world.hub.watchUsers(watcher, SERVICE, [world.sid('alice')], (found) => {
        expect(world.hub.isPublishing).toBe(false);
        watcher.begin(found);
      });
      await shown;
      expect(last.received).toEqual([]);
      expect(known('alice')).toEqual(await world.truth('alice'));
      expect(watcher.received).toEqual([]);
      expect(watchers.slice(0, -1).every(({ received }) => received.length === 1)).toBe(true);
    });
  });

  describe('when the read model is behind', () => {
    beforeEach(() => {
      jest.useFakeTimers();
    });
    afterEach(() => {
      jest.useRealTimers();
    });

    it('fails after a timeout, and keeps no watcher and no state', async () => {
      await world.connect('alice');
      await world.showLog();
      const outcome = world.watch(watcher, 'alice').catch((error: unknown) => error);
      await jest.advanceTimersByTimeAsync(2_100);
      expect(await outcome).toMatchObject({ code: 'EVENT_STORE.UNAVAILABLE' });
      expect(watcher.known.size).toBe(0);
      world.advanceReadModel();
      await world.watch(watcher, 'alice');
      expect(world.readModel.seeds).toEqual([
        [serviceStream(SERVICE), userStream(world.sid('alice'))],
      ]);
      expect(known('alice')).toMatchObject(ONLINE);
    });

    it('does not affect a call that begins while another one fails', async () => {
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
      expect(known('carol')).toEqual(await world.truth('carol'));
      expect(known('bob')).toEqual(await world.truth('bob'));
    });
  });

  it('forgets states when the last watcher leaves, and loads them again for the next one', async () => {
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
    const reads = world.readModel.seeds.flat();
    for (const key of [serviceStream(SERVICE), ...keys]) {
      expect(reads.filter((each) => each === key)).toHaveLength(3);
    }
    await world.disconnect('alice');
    await world.showAll();
    expect([...watcher.received, ...second.received]).toEqual([]);
    await world.watch(watcher, 'alice');
    expect(known('alice')).toMatchObject(OFFLINE);
  });
});
