import { beforeEach, describe, expect, it } from '@jest/globals';
import { jobWith } from '../../../../../test/support/projection-jobs.ts';
import { SilentJobs } from './silent-jobs.ts';

const RUNNING = { status: 'running', runner: { id: 'r', silenceMs: 10_000 } } as const;

describe('A job counts as silent', () => {
  let jobs: SilentJobs;

  beforeEach(() => {
    jobs = new SilentJobs();
  });

  /** Looks once a second for some seconds; returns how many jobs the last look has found. */
  function look(from: number, seconds: number, heartbeatsAt: (second: number) => number): number {
    let found = 0;
    for (let second = from; second <= from + seconds; second += 1) {
      const job = jobWith({ ...RUNNING, heartbeats: heartbeatsAt(second) });
      found = jobs.find([job], second * 1_000).length;
    }
    return found;
  }

  it('once no heartbeat came for as long as its runner may be silent', () => {
    expect(look(0, 9, () => 1)).toBe(0);
    expect(look(10, 0, () => 1)).toBe(1);
  });

  it('never while heartbeats come', () => {
    expect(look(0, 60, (second) => Math.floor(second / 8))).toBe(0);
  });

  it('only after another full term where this process could not look for a while', () => {
    expect(look(0, 9, () => 1)).toBe(0);
    expect(look(60, 9, () => 1)).toBe(0);
    expect(look(70, 0, () => 1)).toBe(1);
  });

  it('not while it waits in the queue', () => {
    for (let second = 0; second <= 60; second += 1) {
      expect(jobs.find([jobWith({ status: 'queued' })], second * 1_000)).toEqual([]);
    }
  });
});
