import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { nodeStream, type Incarnation } from '#domain';
import { EventStoreUnavailableError } from '#event-store';
import { commandBus } from '../../../../test/support/buses.ts';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { InMemoryLeaseStore } from '../../../../test/support/in-memory-lease-store.ts';
import { muteLogger } from '../../../../test/support/muted-logger.ts';
import { context } from '../../../../test/support/user-commands.ts';
import { Aggregates } from '#shared/use-cases/aggregates';
import { ObservedLeases } from '../use-cases/nodes/observed-leases.ts';
import { FailureDetector } from './failure-detector.ts';
import { CHECK_INTERVAL_MS } from './lease-times.ts';
import { NodeMetrics } from './node-metrics.ts';

interface Observer {
  readonly detector: FailureDetector;
  readonly localNode: { readonly actor: string; current: Incarnation | null };
}

describe('The failure detector', () => {
  let now = 0;
  let store: InMemoryEventStore;
  let leases: InMemoryLeaseStore;
  let observers: Observer[];

  beforeEach(async () => {
    muteLogger('warn');
    now = 0;
    store = new InMemoryEventStore();
    leases = new InMemoryLeaseStore();
    observers = [observer()];
    await start('a');
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  function observer(): Observer {
    const localNode: Observer['localNode'] = { actor: 'worker', current: null };
    const clock = () => new Date(0);
    const commands = commandBus(new Aggregates(store.another(), clock), clock);
    const metrics = new NodeMetrics(new Registry());
    const detector = new FailureDetector(
      commands,
      leases,
      () => now,
      localNode,
      metrics,
      store,
      new ObservedLeases(),
    );
    return { localNode, detector };
  }

  async function start(nodeId: string): Promise<void> {
    const aggregates = new Aggregates(store, () => new Date(0));
    const command = { type: 'StartNode', nodeId } as const;
    const { state } = await aggregates.nodes.handle(
      nodeStream(nodeId),
      command,
      context(`${nodeId} starts ${now}`),
    );
    await leases.renew({ nodeId, incarnation: state.incarnation, counter: 1 });
  }

  async function renew(nodeId: string): Promise<void> {
    const lease = leases.leases.get(nodeId);
    if (lease !== undefined) await leases.renew({ ...lease, counter: lease.counter + 1 });
  }

  /** Lets all observers check the leases for `ms`. Awaits `beforeEachCheck` before each check. */
  async function watch(
    ms: number,
    beforeEachCheck: () => Promise<void> | void = () => undefined,
  ): Promise<void> {
    for (let passed = 0; passed < ms; passed += CHECK_INTERVAL_MS) {
      now += CHECK_INTERVAL_MS;
      await beforeEachCheck();
      await Promise.all(observers.map(({ detector }) => detector.runOnce()));
    }
  }

  const losses = () => store.log.filter(({ type }) => type === 'NodeLost').map(({ data }) => data);

  it('records the loss of a node whose lease has not changed for 6 s, and removes the lease', async () => {
    await watch(6_000);
    expect(losses()).toEqual([]);
    await watch(500);
    expect(losses()).toEqual([{ nodeId: 'a', incarnation: 1 }]);
    expect(await leases.list()).toEqual([]);
    await watch(10_000);
    expect(losses()).toHaveLength(1);
  });

  it('gives every node a full term after a time in which leases could not be read', async () => {
    await watch(CHECK_INTERVAL_MS);
    const list = jest.spyOn(leases, 'list').mockRejectedValue(new Error('no leases'));
    for (let passed = 0; passed < 20_000; passed += CHECK_INTERVAL_MS) {
      now += CHECK_INTERVAL_MS;
      await expect(observers[0]?.detector.runOnce()).rejects.toThrow('no leases');
    }
    list.mockRestore();
    await watch(6_000);
    expect(losses()).toEqual([]);
    await watch(500);
    expect(losses()).toHaveLength(1);
  });

  it('gives every node a full term after a time in which the log could not be read', async () => {
    await watch(5_500);
    const head = jest.spyOn(store, 'head').mockRejectedValue(new Error('no log'));
    for (let passed = 0; passed < 20_000; passed += CHECK_INTERVAL_MS) {
      now += CHECK_INTERVAL_MS;
      await expect(observers[0]?.detector.runOnce()).rejects.toThrow('no log');
    }
    head.mockRestore();
    await watch(6_000);
    expect(losses()).toEqual([]);
    await watch(500);
    expect(losses()).toHaveLength(1);
  });

  it('judges no node while the log does not answer, although leases can be read', async () => {
    await watch(5_500);
    const head = jest.spyOn(store, 'head').mockReturnValue(new Promise(() => undefined));
    now += CHECK_INTERVAL_MS;
    await expect(observers[0]?.detector.runOnce()).rejects.toThrow(EventStoreUnavailableError);
    head.mockRestore();
    now += 20_000;
    await watch(5_500);
    expect(losses()).toEqual([]);
  });

  it('removes the lease of a process that has a node id and never started, and records no loss', async () => {
    await leases.renew({ nodeId: 'b', incarnation: 0, counter: 0 });
    await watch(7_000, () => renew('a'));
    expect(losses()).toEqual([]);
    expect(await leases.list()).toMatchObject([{ nodeId: 'a' }]);
  });

  it('records the last renewal as the time that the node was last seen, even if it is in the future', async () => {
    const renewedAt = '2199-12-31T23:59:59.999Z';
    await leases.renew({ nodeId: 'a', incarnation: 1, counter: 2, renewedAt });
    await watch(6_500);
    expect(losses()).toEqual([{ nodeId: 'a', incarnation: 1, lastAliveAt: renewedAt }]);
  });

  it('records no loss of a node that renews its lease late but in time', async () => {
    let checks = 0;
    await watch(60_000, async () => {
      checks += 1;
      if (checks % 23 === 0) await renew('a');
    });
    expect(losses()).toEqual([]);
  });

  it('records a loss once, even if several processes find it', async () => {
    observers.push(observer(), observer());
    await watch(10_000);
    expect(losses()).toHaveLength(1);
  });

  it('measures again after its own process was paused, because the nodes may have been paused, too', async () => {
    await watch(5_500);
    now += 3_600_000;
    await watch(5_500);
    expect(losses()).toEqual([]);
    await watch(1_000);
    expect(losses()).toHaveLength(1);
  });

  it('measures again after its own process was paused during a check', async () => {
    await watch(5_500);
    const list = leases.list.bind(leases);
    leases.list = async () => {
      const read = await list();
      now += 60_000;
      leases.list = list;
      return read;
    };
    await watch(1_000);
    expect(losses()).toEqual([]);
  });

  it('measures again when a node has started another incarnation', async () => {
    await watch(5_500);
    await start('a');
    await watch(5_500);
    expect(losses()).toEqual([{ nodeId: 'a', incarnation: 1 }]);
    expect(store.log.map(({ type }) => type)).toEqual(['NodeStarted', 'NodeLost', 'NodeStarted']);
  });

  it('removes the lease of an incarnation that has stopped, and records no loss', async () => {
    const aggregates = new Aggregates(store, () => new Date(0));
    const stop = { type: 'StopNode', nodeId: 'a', incarnation: 1 } as const;
    await aggregates.nodes.handle(nodeStream('a'), stop, context('a stops'));
    await watch(7_000);
    expect(losses()).toEqual([]);
    expect(await leases.list()).toEqual([]);
  });

  it('never declares its own node lost', async () => {
    const [self] = observers;
    if (self !== undefined) self.localNode.current = { nodeId: 'a', incarnation: 1 };
    await watch(10_000);
    expect(losses()).toEqual([]);
  });

  it('checks the lease of each node separately', async () => {
    await start('b');
    await watch(10_000, () => renew('b'));
    expect(losses()).toEqual([{ nodeId: 'a', incarnation: 1 }]);
  });
});
