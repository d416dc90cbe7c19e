import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { FrameRateLimiter } from './frame-rate-limiter.ts';

describe('Pacer', () => {
  function make() {
    const clock = new ManualClock();
    const pacer = new FrameRateLimiter(clock);
    const done: number[] = [];
    const run = (count: number): void => {
      for (let n = 0; n < count; n += 1) pacer.schedule(() => done.push(clock.monotonic()));
    };
    return { clock, pacer, done, run };
  }

  it('lets a burst pass at once, and the rest in order at its pace', () => {
    const { clock, done, run } = make();
    run(150);
    expect(done).toHaveLength(100);
    clock.pass(500);
    expect(done).toHaveLength(125);
    clock.pass(500);
    expect(done).toHaveLength(150);
    expect(done).toEqual([...done].sort((a, b) => a - b));
  });

  it('never lets more pass than the server takes in', () => {
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

  it('forgets what waits when it is reset, and has no timer left', () => {
    const { clock, pacer, done, run } = make();
    run(150);
    pacer.reset();
    expect(clock.timers).toBe(0);
    run(1);
    expect(done).toHaveLength(101);
  });
});
