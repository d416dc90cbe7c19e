import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Registry } from 'prom-client';
import type { ProjectionStatus } from '#projections';
import { InMemoryEventStore } from '../../../../test/support/in-memory-event-store.ts';
import { ProjectionMetrics } from './projection-metrics.ts';

const users: ProjectionStatus = {
  name: 'users',
  live: {
    version: 1,
    state: 'live',
    position: '7',
    movedAt: null,
    downReason: null,
    downSince: null,
    deadLetters: 3,
  },
  versions: [],
  lag: { events: 12, isTruncated: false, seconds: 4.5 },
  stuck: true,
};

const events = new InMemoryEventStore();
const now = new Date('2026-11-22T14:02:00Z');

function scrape(...statuses: readonly (() => Promise<ProjectionStatus>)[]): Promise<string> {
  const registry = new Registry();
  const projections = statuses.map((status, n) => ({ name: `projection ${n}`, status }));
  new ProjectionMetrics(registry, { events, readModel: { projections } }, () => now);
  return registry.metrics();
}

describe('The metrics of projections', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('report the lag, whether it is stuck, and the dead letters', async () => {
    const text = await scrape(() => Promise.resolve(users));
    expect(text).toContain('reachability_projection_lag_events{projection="users"} 12\n');
    expect(text).toContain('reachability_projection_lag_seconds{projection="users"} 4.5\n');
    expect(text).toContain('reachability_projection_stuck{projection="users"} 1\n');
    expect(text).toContain('reachability_projection_held_events{projection="users"} 3\n');
  });

  it('read the status of each projection once for all gauges', async () => {
    const status = jest.fn(() => Promise.resolve(users));
    await scrape(status);
    expect(status).toHaveBeenCalledTimes(1);
  });

  it('leave out a projection whose status cannot be read, and report the others', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const text = await scrape(
      () => Promise.reject(new Error('the file is gone')),
      () => Promise.resolve(users),
    );
    expect(text).toContain('reachability_projection_lag_events{projection="users"} 12\n');
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('the file is gone'));
  });
});
