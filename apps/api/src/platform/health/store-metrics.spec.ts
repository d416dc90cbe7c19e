import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { StoreHealthRecord } from '#event-store';
import { StoreMetrics } from './store-metrics.ts';
import { StoreMonitor } from './store-monitor.ts';

describe('The metrics of stores', () => {
  it('tell of each store whether it is up and writable, and the ages of its last good calls', async () => {
    let now = 1_000;
    const health = new StoreHealthRecord(() => now);
    const probe = (): Promise<void> => Promise.resolve();
    const monitor = new StoreMonitor([{ name: 'database', health: () => health.health, probe }]);
    const registry = new Registry();
    const usage = { inUse: 3, idle: 1, waiting: 2 };
    const pools = new Map([['stores', () => usage]]);
    new StoreMetrics(registry, () => new Date(now), monitor, { pools });
    const pooled = await registry.metrics();
    expect(pooled).toContain('reachability_database_connections{pool="stores",state="in_use"} 3\n');
    expect(pooled).toContain('reachability_database_waiting{pool="stores"} 2\n');
    health.readSucceeded();
    now = 13_500;
    const before = await registry.metrics();
    expect(before).toContain('reachability_database_up 1\n');
    expect(before).toContain('reachability_database_writable 1\n');
    expect(before).toContain('reachability_database_last_read_age_seconds 12.5\n');
    expect(before).not.toMatch(/^reachability_database_last_write_age_seconds /m);
    health.writeSucceeded();
    health.setWriteFault('read-only');
    const unwritable = await registry.metrics();
    expect(unwritable).toContain('reachability_database_up 1\n');
    expect(unwritable).toContain('reachability_database_writable 0\n');
    expect(unwritable).toContain('reachability_database_last_write_age_seconds 0\n');
    health.setReadFault('away');
    expect(await registry.metrics()).toContain('reachability_database_up 0\n');
  });
});
