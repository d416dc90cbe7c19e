import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import type { EventStore } from '#event-store';
import { openEventStoreDbEventStore } from '#event-store/adapters/eventstoredb/index';
import { START } from '#projections';
import type { FakeEventStoreDb } from '../../../../../test/support/fake-eventstoredb.ts';
import { startFakeStreams } from '../../../../../test/support/fake-streams.ts';
import { muteLogger } from '../../../../../test/support/muted-logger.ts';
import { until } from '../../../../../test/support/until.ts';
import { Readiness } from './readiness.ts';
import { StoreMetrics } from './store-metrics.ts';
import { StoreMonitor } from './store-monitor.ts';

/** Later than any outage needs to make a process unready. */
const LATER_MS = 60_000;

describe('An EventStoreDB that answers no more', () => {
  let server: FakeEventStoreDb;
  let events: EventStore;
  let monitor: StoreMonitor;

  muteLogger('error', 'warn');

  beforeEach(async () => {
    server = await startFakeStreams();
    events = await openEventStoreDbEventStore({ url: server.url });
    monitor = new StoreMonitor([
      {
        name: 'event_store',
        health: () => events.health,
        probe: () => events.isCurrent(),
      },
    ]);
    monitor.onModuleInit();
  });

  afterEach(async () => {
    monitor.onApplicationShutdown();
    server.thaw();
    await events.close();
    server.stop();
  });

  const untilState = (state: string) =>
    until(`the store to be ${state}`, () => {
      return monitor.healthOf('event_store')?.state === state || undefined;
    });

  it.each([
    ['is frozen', () => server.freeze()],
    ['has ended', () => server.stop()],
  ])(
    'makes reads stale and the process unready, and shows in the metrics: it %s',
    async (_, end) => {
      expect(monitor.staleSince).toBeNull();
      end();
      await untilState('away');
      expect(monitor.staleSince).not.toBeNull();
      const readiness = new Readiness(
        { head: () => Promise.resolve(null) },
        { checkpoint: () => Promise.resolve(START) },
        { restored: null },
        { READY_WITHOUT_STORE: false },
        monitor,
        () => new Date(Date.now() + LATER_MS),
      );
      await readiness.onApplicationBootstrap();
      readiness.startServing();
      const status = await readiness.status();
      expect(status.status).toBe('event_store_unavailable');
      expect(JSON.stringify(status)).not.toContain(String(server.port));
      const registry = new Registry();
      new StoreMetrics(registry, () => new Date(), monitor, { pools: new Map() });
      expect(await registry.metrics()).toContain('reachability_event_store_up 0\n');
    },
  );

  it('is up again once it answers', async () => {
    server.freeze();
    await untilState('away');
    server.thaw();
    await untilState('up');
    expect(monitor.staleSince).toBeNull();
  });
});
