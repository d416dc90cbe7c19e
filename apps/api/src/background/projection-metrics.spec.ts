import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Registry } from 'prom-client';
import { EventStoreUnavailableError } from '#event-store';
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

type ReadStatus = () => Promise<ProjectionStatus>;

/** Metrics of projections whose status these functions read; `elapsed` is in milliseconds. */
function metricsOf(readers: Readonly<Record<string, ReadStatus>>, elapsed = () => 0): Registry {
  const registry = new Registry();
  const projections = Object.entries(readers).map(([name, status]) => ({ name, status }));
  const sources = { events, readModel: { projections } };
  new ProjectionMetrics(registry, sources, () => now, elapsed);
  return registry;
}

const scrape = (readers: Readonly<Record<string, ReadStatus>>): Promise<string> =>
  metricsOf(readers).metrics();

describe('The metrics of projections', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('report the lag, whether it is stuck, and the dead letters', async () => {
    const text = await scrape({ users: () => Promise.resolve(users) });
    expect(text).toContain('reachability_projection_lag_events{projection="users"} 12\n');
    expect(text).toContain('reachability_projection_lag_seconds{projection="users"} 4.5\n');
    expect(text).toContain('reachability_projection_stuck{projection="users"} 1\n');
    expect(text).toContain('reachability_projection_held_events{projection="users"} 3\n');
  });

  it('read the status of each projection once for all gauges', async () => {
    const status = jest.fn(() => Promise.resolve(users));
    await scrape({ users: status });
    expect(status).toHaveBeenCalledTimes(1);
  });

  it('leave out a projection whose status cannot be read, and report the others', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const text = await scrape({
      timeline: () => Promise.reject(new Error('the file is gone')),
      users: () => Promise.resolve(users),
    });
    expect(text).toContain('reachability_projection_lag_events{projection="users"} 12\n');
    expect(warned).toHaveBeenCalledWith(
      expect.objectContaining({ text: expect.stringContaining('the file is gone') }),
    );
  });

  it('keep the last values while a store does not answer, with their age', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    let now = 0;
    let status: ReadStatus = () => Promise.resolve(users);
    const registry = metricsOf({ users: () => status() }, () => now);
    expect(await registry.metrics()).toContain(
      'reachability_projection_status_age_seconds{projection="users"} 0\n',
    );
    status = () => Promise.reject(new EventStoreUnavailableError('it is away'));
    now = 12_000;
    const text = await registry.metrics();
    expect(text).toContain('reachability_projection_stuck{projection="users"} 1\n');
    expect(text).toContain('reachability_projection_status_age_seconds{projection="users"} 12\n');
    expect(warned).not.toHaveBeenCalled();
  });

  it('do not wait for a store that is frozen, and ask it once', async () => {
    const status = jest.fn<ReadStatus>().mockResolvedValueOnce(users);
    const registry = metricsOf({ users: status });
    await registry.metrics();
    status.mockReturnValue(new Promise(() => undefined));
    for (let scrapes = 0; scrapes < 2; scrapes += 1) {
      expect(await registry.metrics()).toContain(
        'reachability_projection_lag_events{projection="users"} 12\n',
      );
    }
    expect(status).toHaveBeenCalledTimes(2);
  });
});
