import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { FrameRateLimiter } from './frame-rate-limiter.ts';

describe('FrameRateLimiter', () => {
  function make() {
    const clock = new ManualClock();
    const limiter = new FrameRateLimiter(clock);
    const done: number[] = [];
    const run = (count: number): void => {
      for (let n = 0; n < count; n += 1) limiter.schedule(() => done.push(clock.monotonic()));
    };
    return { clock, limiter, done, run };
  }

  it('runs a burst at once and the rest in order at a steady rate', () => {
    const { clock, done, run } = make();
    run(150);
    expect(done).toHaveLength(100);
    clock.pass(500);
    expect(done).toHaveLength(125);
    clock.pass(500);
    expect(done).toHaveLength(150);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  it('never exceeds the rate that the server accepts', () => {
    const { clock, done, run } = make();
    for (let second = 0; second < 10; second += 1) {
      run(100);
      clock.pass(1_000);
    }
    for (let from = 0; from < 9_000; from += 100) {
      const within = done.filter((at) => at >= from && at < from + 1_000);
      expect(within.length).toBeLessThanOrEqual(151);
    }
  });

  it('drops waiting tasks and its timer on reset', () => {
    const { clock, limiter, done, run } = make();
    run(150);
    limiter.reset();
    expect(clock.timers).toBe(0);
    run(1);
    expect(done).toHaveLength(101);
  });
});
