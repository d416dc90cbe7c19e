import { setImmediate as nextTurn } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { nodeStream, serviceStream, userSid, userStream, type NodeCommand } from '#domain';
import { commandBus, queryBus } from '../../../../test/support/buses.ts';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { steppedReadModel, type SteppedReadModel } from '../../../../test/support/read-model.ts';
import { until } from '../../../../test/support/until.ts';
import { context } from '../../../../test/support/user-commands.ts';
import { Aggregates } from '#shared/use-cases/aggregates';
import { OrphanedConnections } from './orphaned-connections.ts';

const ONE = `IS${'1'.repeat(32)}`;
const TWO = `IS${'2'.repeat(32)}`;
const AT = '2026-03-04T05:00:00.000Z';

describe('Orphaned Connections', () => {
  let now = 0;
  let commands = 0;
  let log: InMemoryEventStore;
  let aggregates: Aggregates;
  let readModel: SteppedReadModel;
  let workers: OrphanedConnections[];

  beforeEach(async () => {
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    now = 0;
    log = new InMemoryEventStore();
    aggregates = new Aggregates(log, () => new Date(AT));
    readModel = steppedReadModel(log);
    workers = [worker()];
    for (const serviceSid of [ONE, TWO]) {
      const command = { type: 'CreateService', serviceSid, friendlyName: 'x' } as const;
      await aggregates.services.handle(serviceStream(serviceSid), command, context(serviceSid));
    }
    await node('a', { type: 'StartNode', nodeId: 'a' });
  });
  afterEach(() => {
    readModel.close();
    jest.restoreAllMocks();
  });

  function worker(waitFor = () => Promise.resolve(true)): OrphanedConnections {
    const progress = { waitFor, isTold: false, onMove: () => undefined };
    const own = new Aggregates(log.another(), () => new Date(AT));
    return new OrphanedConnections(
      { ROLE: 'worker' },
      commandBus(own, () => new Date(AT)),
      queryBus(own),
      readModel.users,
      progress,
      () => now,
    );
  }

  async function node(nodeId: string, command: NodeCommand): Promise<void> {
    await aggregates.nodes.handle(nodeStream(nodeId), command, context(`node ${(commands += 1)}`));
  }

  const lose = (nodeId: string, incarnation = 1) =>
    node(nodeId, { type: 'LoseNode', nodeId, incarnation });
  const start = (nodeId: string) => node(nodeId, { type: 'StartNode', nodeId });

  async function open(
    identity: string,
    holder = { nodeId: 'a', incarnation: 1 },
    serviceSid = ONE,
  ): Promise<string> {
    const connectionSid = `CN ${(commands += 1)}`;
    await aggregates.users.handle(
      userStream(userSid(serviceSid, identity)),
      {
        type: 'OpenConnection',
        connectionSid,
        transport: 'stream',
        node: holder,
        deviceId: null,
        ttlSeconds: null,
        createAs: { serviceSid, identity },
      },
      context(connectionSid),
    );
    return connectionSid;
  }

  async function setGrace(graceSeconds: number, serviceSid = ONE): Promise<void> {
    const command = { type: 'UpdateService', changes: { graceSeconds } } as const;
    const stream = serviceStream(serviceSid);
    await aggregates.services.handle(stream, command, context(`grace ${(commands += 1)}`));
  }

  /** Advances the time, then runs one round of every worker. */
  async function sweep(afterMs = 0): Promise<void> {
    now += afterMs;
    await readModel.catchUp();
    await Promise.all(workers.map((each) => each.runOnce()));
    await readModel.catchUp();
  }

  const closed = () =>
    log.log.flatMap(({ type, data }) =>
      type === 'ConnectionClosed' && 'connectionSid' in data ? [data.connectionSid] : [],
    );

  it('are closed one grace period after the end was seen, last seen at their opening if nothing else is known', async () => {
    await start('b');
    await open('ann');
    await sweep();
    await sweep(60_000);
    await lose('a');
    await sweep();
    await sweep(4_900);
    expect(closed()).toEqual([]);
    await sweep(100);
    expect(log.log.at(-1)).toMatchObject({
      type: 'ConnectionClosed',
      data: { cause: 'node_lost', lastSeenAt: AT },
    });
  });

  it('are closed with the time at which their node was last seen', async () => {
    await start('b');
    await open('ann');
    const lastSeenAt = '2026-03-04T05:00:03.000Z';
    await node('a', { type: 'LoseNode', nodeId: 'a', incarnation: 1, lastSeenAt });
    await sweep();
    await sweep(5_000);
    expect(log.log.at(-1)?.data).toMatchObject({ cause: 'node_lost', lastSeenAt });
  });

  it('stay open until a node runs, and for one grace period after that', async () => {
    await open('ann');
    await node('a', { type: 'StopNode', nodeId: 'a', incarnation: 1 });
    await sweep();
    await sweep(3_600_000);
    expect(closed()).toEqual([]);
    await start('a');
    await sweep();
    await sweep(4_900);
    expect(closed()).toEqual([]);
    await sweep(100);
    expect(closed()).toHaveLength(1);
  });

  it('start their grace period again when the only running node is lost', async () => {
    await start('b');
    await open('ann');
    await lose('a');
    await sweep();
    await lose('b');
    await sweep(4_900);
    await start('b');
    await sweep(100);
    await sweep(4_900);
    expect(closed()).toEqual([]);
    await sweep(100);
    expect(closed()).toHaveLength(1);
  });

  it('have the grace period of their own Service, even if thousands stay open longer', async () => {
    await start('b');
    await setGrace(60, ONE);
    await setGrace(1, TWO);
    await Promise.all(Array.from({ length: 1_500 }, (_, index) => open(`user-${index}`)));
    const soon = await open('zoe', { nodeId: 'a', incarnation: 1 }, TWO);
    await lose('a');
    await sweep();
    await sweep(1_000);
    expect(closed()).toEqual([soon]);
    await sweep(59_000);
    expect(closed()).toHaveLength(1_501);
  });

  it('never show a User offline that reconnected to another node in time', async () => {
    await start('b');
    const old = await open('ann');
    await lose('a');
    await sweep();
    await open('ann', { nodeId: 'b', incarnation: 1 });
    await sweep(5_000);
    expect(closed()).toEqual([old]);
    const seen = await readModel.users.user(ONE, userSid(ONE, 'ann'));
    expect(seen?.user.openConnections).toBe(1);
    expect(seen?.user.lastOnlineAt).toBe(AT);
  });

  it('do not include Connections of a running incarnation, even of the same node', async () => {
    const old = await open('ann');
    await lose('a');
    await start('a');
    await open('ann', { nodeId: 'a', incarnation: 2 });
    await sweep();
    await sweep(60_000);
    expect(closed()).toEqual([old]);
  });

  it('are closed immediately if opened after the end of their incarnation, because they never counted', async () => {
    await start('b');
    await lose('a');
    const late = await open('ann');
    await sweep();
    expect(closed()).toEqual([late]);
  });

  it('are closed once, even by several workers', async () => {
    workers.push(worker(), worker());
    await start('b');
    await Promise.all(Array.from({ length: 300 }, (_, index) => open(`user-${index}`)));
    await lose('a');
    await sweep();
    await sweep(5_000);
    expect(closed()).toHaveLength(300);
    expect(new Set(closed()).size).toBe(300);
  });

  it('are closed while the read model is one page behind, but not two', async () => {
    const visible = Promise.withResolvers<boolean>();
    workers = [worker(() => visible.promise)];
    await start('b');
    await Promise.all(Array.from({ length: 1_100 }, (_, index) => open(`user-${index}`)));
    await lose('a');
    await sweep();
    const sweeping = sweep(5_000);
    // The first page ends at the end of the list.
    await until('two pages to be closed', () => closed().length > 128 || undefined);
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    expect(closed().length).toBeLessThanOrEqual(256);
    visible.resolve(true);
    await sweeping;
    expect(closed()).toHaveLength(1_100);
  });

  it('of an earlier incarnation keep the time of its own end', async () => {
    await start('b');
    const first = await open('ann');
    await lose('a');
    await sweep();
    await start('a');
    const second = await open('bob', { nodeId: 'a', incarnation: 2 });
    await sweep(4_000);
    await lose('a', 2);
    await sweep();
    await sweep(1_000);
    expect(closed()).toEqual([first]);
    await sweep(4_000);
    expect(closed()).toEqual([first, second]);
  });

  it('are found by a worker that starts after the end of their incarnation', async () => {
    await start('b');
    await open('ann');
    await lose('a');
    await start('a');
    await lose('a', 2);
    await sweep();
    await sweep(5_000);
    expect(closed()).toHaveLength(1);
  });
});
