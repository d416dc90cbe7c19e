import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { nodeStream } from '#domain';
import { commandBus } from '../../../../test/support/buses.ts';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { InMemoryLeaseStore } from '../../../../test/support/in-memory-lease-store.ts';
import { muteLogger } from '../../../../test/support/muted-logger.ts';
import { context } from '../../../../test/support/user-commands.ts';
import { Aggregates } from '#shared/use-cases/aggregates';
import { LOOK_EVERY_MS } from './lease-times.ts';
import { NodeMetrics } from './node-metrics.ts';
import { FailureDetector } from './failure-detector.ts';

interface Observer {
  readonly watch: FailureDetector;
  readonly own: { current: { nodeId: string; incarnation: number } | null };
}

describe('A process that watches the leases of nodes', () => {
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
    const own: Observer['own'] = { current: null };
    const clock = () => new Date(0);
    const commands = commandBus(new Aggregates(store.another(), clock), clock);
    const metrics = new NodeMetrics(new Registry());
    const asActor = {
      actor: 'worker',
      get current() {
        return own.current;
      },
    };
    return { own, watch: new FailureDetector(commands, leases, () => now, asActor, metrics) };
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

  /** Lets everybody look for so long; `each` is awaited before each look. */
  async function look(
    ms: number,
    each: () => Promise<void> | void = () => undefined,
  ): Promise<void> {
    for (let passed = 0; passed < ms; passed += LOOK_EVERY_MS) {
      now += LOOK_EVERY_MS;
      await each();
      await Promise.all(observers.map(({ watch }) => watch.look()));
    }
  }

  const losses = () => store.log.filter(({ type }) => type === 'NodeLost').map(({ data }) => data);

  it('finds a node lost whose lease has not moved for 6 s, and takes the lease away', async () => {
    await look(6_000);
    expect(losses()).toEqual([]);
    await look(500);
    expect(losses()).toEqual([{ nodeId: 'a', incarnation: 1 }]);
    expect(await leases.list()).toEqual([]);
    await look(10_000);
    expect(losses()).toHaveLength(1);
  });

  it('records when the node last showed that it lived, whatever the clocks say of it', async () => {
    const renewedAt = '2199-12-31T23:59:59.999Z';
    await leases.renew({ nodeId: 'a', incarnation: 1, counter: 2, renewedAt });
    await look(6_500);
    expect(losses()).toEqual([{ nodeId: 'a', incarnation: 1, lastAliveAt: renewedAt }]);
  });

  it('leaves a node alone that renews its lease, however late within it', async () => {
    let looks = 0;
    await look(60_000, async () => {
      looks += 1;
      if (looks % 23 === 0) await renew('a');
    });
    expect(losses()).toEqual([]);
  });

  it('records a loss once, though others find the same', async () => {
    observers.push(observer(), observer());
    await look(10_000);
    expect(losses()).toHaveLength(1);
  });

  it('counts anew after it was stopped itself: the others may have been stopped with it', async () => {
    await look(5_500);
    now += 3_600_000;
    await look(5_500);
    expect(losses()).toEqual([]);
    await look(1_000);
    expect(losses()).toHaveLength(1);
  });

  it('counts anew where it was stopped while it was looking', async () => {
    await look(5_500);
    const list = leases.list.bind(leases);
    leases.list = async () => {
      const read = await list();
      now += 60_000;
      leases.list = list;
      return read;
    };
    await look(1_000);
    expect(losses()).toEqual([]);
  });

  it('counts anew when a node has begun another incarnation', async () => {
    await look(5_500);
    await start('a');
    await look(5_500);
    expect(losses()).toEqual([{ nodeId: 'a', incarnation: 1 }]);
    expect(store.log.map(({ type }) => type)).toEqual(['NodeStarted', 'NodeLost', 'NodeStarted']);
  });

  it('takes a lease away that was left by an incarnation that has ended, without a word', async () => {
    const aggregates = new Aggregates(store, () => new Date(0));
    const stop = { type: 'StopNode', nodeId: 'a', incarnation: 1 } as const;
    await aggregates.nodes.handle(nodeStream('a'), stop, context('a stops'));
    await look(7_000);
    expect(losses()).toEqual([]);
    expect(await leases.list()).toEqual([]);
  });

  it('does not judge itself', async () => {
    const [self] = observers;
    if (self !== undefined) self.own.current = { nodeId: 'a', incarnation: 1 };
    await look(10_000);
    expect(losses()).toEqual([]);
  });

  it('judges each node by its own lease', async () => {
    await start('b');
    await look(10_000, () => renew('b'));
    expect(losses()).toEqual([{ nodeId: 'a', incarnation: 1 }]);
  });
});
