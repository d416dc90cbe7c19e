import { describe, expect, it } from '@jest/globals';
import { KeyedRateLimiter } from './keyed-rate-limiter.ts';

describe('A limiter of many keys', () => {
  /** Two at once, then one each 2 seconds. */
  function limited() {
    const clock = { ms: 1_000 };
    return { clock, limiter: new KeyedRateLimiter(0.5, 2, () => clock.ms) };
  }

  it('allows each key a burst, then a steady rate', () => {
    const { clock, limiter } = limited();
    expect([limiter.take('a'), limiter.take('a'), limiter.take('a')]).toEqual([true, true, false]);
    expect(limiter.take('b')).toBe(true);
    clock.ms += limiter.retryAfterSeconds * 1_000;
    expect([limiter.take('a'), limiter.take('a')]).toEqual([true, false]);
  });

  it('allows a whole burst again after a long pause, and no more', () => {
    const { clock, limiter } = limited();
    for (let count = 0; count < 5; count += 1) limiter.take('a');
    clock.ms += 3_600_000;
    expect([limiter.take('a'), limiter.take('a'), limiter.take('a')]).toEqual([true, true, false]);
  });

  it('forgets the key that was used longest ago when there are 10,000 others', () => {
    const { limiter } = limited();
    for (let count = 0; count < 3; count += 1) limiter.take('first');
    for (let index = 0; index < 10_000; index += 1) limiter.take(`key-${index}`);
    expect(limiter.take('first')).toBe(true);
  });
});
