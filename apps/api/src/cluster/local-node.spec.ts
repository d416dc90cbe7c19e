import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { muteLogger } from '../../../../test/support/muted-logger.ts';
import { PROGRAM_VERSION } from '#shared/program-version';
import { SessionWorld } from '../../../../test/support/session-world.ts';
import { LOG_ANSWER_MS, RENEW_EVERY_MS } from './lease-times.ts';

describe('The local node', () => {
  let world: SessionWorld;

  beforeEach(() => {
    muteLogger('log', 'warn');
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance', 'Date'] });
    world = new SessionWorld();
  });
  afterEach(async () => {
    await world.end();
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  const lease = () => world.leases.leases.get('node-1');

  /** Advances the time and runs the timers that are due. */
  async function pass(ms: number): Promise<void> {
    world.now += ms;
    await jest.advanceTimersByTimeAsync(ms);
  }

  /** Records the start of an earlier process with the same node id, which died without a stop. */
  async function recordCrashedProcess(): Promise<void> {
    const command = { type: 'StartNode', nodeId: 'node-1' } as const;
    const context = { commandId: 'before', correlationId: 'before', actor: 'node:node-1' };
    await world.aggregates.nodes.handle('node-node-1', command, context);
  }

  const types = () => world.store.log.map(({ type }) => type);

  /** Another process finds the running incarnation lost. By default, this one has found out. */
  async function recordLoss({ isNoticed } = { isNoticed: true }): Promise<void> {
    const { current } = world.node;
    if (current === null) throw new Error('No incarnation runs');
    const { nodeId } = current;
    const context = { commandId: 'lose', correlationId: 'lose', actor: 'worker' };
    const command = { type: 'LoseNode', ...current } as const;
    await world.aggregates.nodes.handle(`node-${nodeId}`, command, context);
    if (isNoticed) world.node.onEvent({ type: 'NodeLost', data: current });
  }

  it('writes a lease at its start, renews it, and removes it at its stop', async () => {
    await world.node.start();
    expect(lease()).toMatchObject({ nodeId: 'node-1', incarnation: 1, counter: 1 });
    await pass(RENEW_EVERY_MS);
    await pass(RENEW_EVERY_MS);
    expect(lease()).toMatchObject({ incarnation: 1, counter: 3 });
    await world.node.stop();
    expect(lease()).toBeUndefined();
    expect(world.store.log.map(({ type }) => type)).toEqual(['NodeStarted', 'NodeStopped']);
    await pass(RENEW_EVERY_MS);
    expect(lease()).toBeUndefined();
  });

  it('writes the time of each renewal into its lease, by its own clock', async () => {
    await world.node.start();
    const shown = () => Date.parse(lease()?.renewedAt ?? '');
    const begun = shown();
    await pass(RENEW_EVERY_MS);
    expect(shown() - begun).toBe(RENEW_EVERY_MS);
  });

  it('says in its lease what runs, since when, and how many Connections it holds', async () => {
    let connections = 3;
    world.node.countConnectionsWith(() => connections);
    await world.node.start();
    const startedAt = lease()?.renewedAt;
    connections = 4;
    await pass(RENEW_EVERY_MS);
    expect(lease()?.details).toEqual({
      role: 'all',
      programVersion: PROGRAM_VERSION,
      startedAt,
      connections: 4,
    });
  });

  it('records when the crashed process before it was last seen', async () => {
    const renewedAt = '2026-03-04T05:06:07.089Z';
    await recordCrashedProcess();
    await world.leases.renew({ nodeId: 'node-1', incarnation: 1, counter: 9, renewedAt });
    await world.node.start();
    expect(world.store.log.map(({ type, data }) => [type, data])).toEqual([
      ['NodeStarted', { nodeId: 'node-1', incarnation: 1 }],
      ['NodeLost', { nodeId: 'node-1', incarnation: 1, lastAliveAt: renewedAt }],
      ['NodeStarted', { nodeId: 'node-1', incarnation: 2 }],
    ]);
  });

  it('starts even if the previous lease cannot be read', async () => {
    await recordCrashedProcess();
    world.leases.list = () => Promise.reject(new Error('not a lease'));
    await world.node.start();
    expect(world.node.current).toEqual({ nodeId: 'node-1', incarnation: 2 });
    expect(world.store.log[1]?.data).toEqual({ nodeId: 'node-1', incarnation: 1 });
  });

  it('still holds its incarnation without a read of the log while its lease is held', async () => {
    await world.node.start();
    const { current } = world.node;
    if (current === null) throw new Error('No incarnation runs');
    const { eventsRead } = world.store;
    world.now += 5_400;
    expect(await world.node.stillHolds(current)).toBe(true);
    expect(world.store.eventsRead).toBe(eventsRead);
    expect(await world.node.stillHolds({ ...current })).toBe(false);
  });

  it('retries a renewal that failed, and counts the failure', async () => {
    await world.node.start();
    world.leases.failure = new Error('no space left');
    await pass(RENEW_EVERY_MS);
    world.leases.failure = null;
    await pass(RENEW_EVERY_MS);
    expect(lease()).toMatchObject({ counter: 3 });
    expect(await world.registry.metrics()).toMatch(/failed_lease_renewals_total 1/);
  });

  it('logs once that renewals fail, and once that they work again', async () => {
    await world.node.start();
    const warn = jest.spyOn(Logger.prototype, 'warn');
    const log = jest.spyOn(Logger.prototype, 'log');
    world.leases.failure = new Error('no space left');
    await pass(RENEW_EVERY_MS * 3);
    expect(warn).toHaveBeenCalledTimes(1);
    world.leases.failure = null;
    await pass(RENEW_EVERY_MS * 3);
    const again = log.mock.calls.filter(([line]) => String(line).endsWith('again'));
    expect(again).toEqual([['Renewed the lease of node node-1 again']]);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('away'))],
    ['does not answer', () => new Promise<never>(() => undefined)],
  ])('does not renew its lease while the log %s', async (_, load) => {
    await world.node.start();
    const { nodes } = world.aggregates;
    const loading = jest.spyOn(nodes, 'load').mockImplementation(load);
    await pass(RENEW_EVERY_MS + LOG_ANSWER_MS);
    expect(lease()).toMatchObject({ counter: 1 });
    loading.mockRestore();
    await pass(RENEW_EVERY_MS + LOG_ANSWER_MS);
    expect(lease()?.counter).toBeGreaterThan(1);
    expect(world.node.current).not.toBeNull();
  });

  it('continues a start that was recorded before its lease could be written', async () => {
    await world.node.start();
    await recordLoss();
    world.leases.failure = new Error('no leases');
    await expect(world.node.restart()).rejects.toThrow('no leases');
    await expect(world.node.restart()).rejects.toThrow('no leases');
    world.leases.failure = null;
    await world.node.restart();
    expect(world.node.current).toEqual({ nodeId: 'node-1', incarnation: 2 });
    expect(types()).toEqual(['NodeStarted', 'NodeLost', 'NodeStarted']);
  });

  it('records the stop of an incarnation whose start was recorded and did not end', async () => {
    await world.node.start();
    await recordLoss();
    world.leases.failure = new Error('no leases');
    await expect(world.node.restart()).rejects.toThrow('no leases');
    await world.node.stop();
    expect(types()).toEqual(['NodeStarted', 'NodeLost', 'NodeStarted', 'NodeStopped']);
  });

  it('counts a late renewal, and continues if no other process declared it lost', async () => {
    await world.node.start();
    world.now += 10_000;
    await pass(RENEW_EVERY_MS);
    expect(lease()).toMatchObject({ incarnation: 1, counter: 2 });
    expect(await world.registry.metrics()).toMatch(/late_lease_renewals_total 1/);
  });

  it('does not renew the lease of an incarnation that has ended', async () => {
    await world.node.start();
    const lost = jest.fn();
    world.node.onLost(lost);
    await recordLoss({ isNoticed: false });
    world.leases.leases.clear();
    world.now += 10_000;
    await pass(RENEW_EVERY_MS);
    expect(lost).toHaveBeenCalledTimes(1);
    expect([lease(), world.node.current]).toEqual([undefined, null]);
  });
});
