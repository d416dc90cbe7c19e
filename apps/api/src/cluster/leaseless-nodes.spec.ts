import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { nodeStream, type Incarnation } from '#domain';
import { START } from '#projections';
import type { NodeRow } from '#read-model';
import { Aggregates } from '#shared/use-cases/aggregates';
import { commandBus } from '../../../../test/support/buses.ts';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { InMemoryLeaseStore } from '../../../../test/support/in-memory-lease-store.ts';
import { muteLogger } from '../../../../test/support/muted-logger.ts';
import { context } from '../../../../test/support/user-commands.ts';
import { LeaselessNodes } from './leaseless-nodes.ts';
import { LEASELESS_CHECK_INTERVAL_MS } from './lease-times.ts';
import { NodeMetrics } from './node-metrics.ts';

describe('A node that runs according to the log, but has no lease,', () => {
  const clock = (): Date => new Date(0);
  let now = 0;
  let rows: NodeRow[];
  let store: InMemoryEventStore;
  let leases: InMemoryLeaseStore;
  let nodes: LeaselessNodes;

  beforeEach(async () => {
    muteLogger('warn');
    now = 0;
    store = new InMemoryEventStore();
    leases = new InMemoryLeaseStore();
    nodes = new LeaselessNodes(
      { ROLE: 'all' },
      commandBus(new Aggregates(store, clock), clock),
      {
        nodes: () => Promise.resolve({ checkpoint: START, nodes: rows }),
      },
      leases,
      () => now,
      { actor: 'worker' },
      new NodeMetrics(new Registry()),
    );
    rows = [await start('a')];
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  async function start(nodeId: string): Promise<NodeRow> {
    const aggregates = new Aggregates(store, clock);
    const command = { type: 'StartNode', nodeId } as const;
    const stream = nodeStream(nodeId);
    const { state } = await aggregates.nodes.handle(stream, command, context(`start ${now}`));
    return { kind: 'node', nodeId, incarnation: state.incarnation, running: true };
  }

  async function watch(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += LEASELESS_CHECK_INTERVAL_MS) {
      now += LEASELESS_CHECK_INTERVAL_MS;
      await nodes.runOnce();
    }
  }

  const losses = (): unknown[] =>
    store.log.filter(({ type }) => type === 'NodeLost').map(({ data }) => data);
  const lost = (incarnation: number): Incarnation => ({ nodeId: 'a', incarnation });

  it('is lost after 6 s, once, however far the read model is behind', async () => {
    await watch(6_000);
    expect(losses()).toEqual([]);
    await watch(60_000);
    expect(losses()).toEqual([lost(1)]);
  });

  it('is not lost if it gets a lease in time', async () => {
    await watch(5_000);
    await leases.renew({ ...lost(1), counter: 1 });
    await watch(1_000);
    await leases.remove(lost(1));
    await watch(5_000);
    expect(losses()).toEqual([]);
  });

  it('is not lost for a time in which this process was paused', async () => {
    await watch(5_000);
    now += 60_000;
    await watch(6_000);
    expect(losses()).toEqual([]);
    await watch(1_000);
    expect(losses()).toEqual([lost(1)]);
  });

  it('is not lost for a time in which leases could not be read', async () => {
    await watch(2_000);
    leases.list = () => Promise.reject(new Error('no leases'));
    for (let checks = 0; checks < 10; checks += 1) {
      now += LEASELESS_CHECK_INTERVAL_MS;
      await expect(nodes.runOnce()).rejects.toThrow('no leases');
    }
    leases.list = () => Promise.resolve([]);
    await watch(6_000);
    expect(losses()).toEqual([]);
  });

  it('is not lost if it has stopped or started again, which the read model does not show yet', async () => {
    await watch(5_000);
    await start('a');
    const before = losses();
    await watch(5_000);
    expect(losses()).toEqual(before);
  });

  it('is left alone when it does not run', async () => {
    rows = rows.map((row) => ({ ...row, running: false }));
    await watch(20_000);
    expect(losses()).toEqual([]);
  });
});
