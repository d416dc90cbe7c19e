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

  it('counts many of a key at once, all or none, and says when they are allowed', () => {
    const { clock, limiter } = limited();
    expect([limiter.take('a', 2), limiter.take('a', 1), limiter.take('b', 1)]).toEqual([
      true,
      false,
      true,
    ]);
    expect([limiter.secondsUntil('a', 2), limiter.secondsUntil('b', 1)]).toEqual([4, 1]);
    expect(limiter.take('b', 2)).toBe(false);
    clock.ms += 4_000;
    expect(limiter.take('a', 2)).toBe(true);
  });

  it('forgets the key that was used longest ago when there are 10,000 others', () => {
    const { limiter } = limited();
    for (let count = 0; count < 3; count += 1) limiter.take('first');
    for (let index = 0; index < 10_000; index += 1) limiter.take(`key-${index}`);
    expect(limiter.take('first')).toBe(true);
  });
});
