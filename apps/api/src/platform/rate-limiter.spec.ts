import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RateLimiter } from './rate-limiter.ts';

const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
const bounds = fc.record({
  perSecond: fc.integer({ min: 1, max: 100 }),
  burst: fc.integer({ min: 1, max: 50 }),
});

/** Times in milliseconds at which the limiter allowed a request. */
function allowed(limiter: RateLimiter, waits: readonly number[]): number[] {
  let now = 0;
  let due = 0;
  return waits.flatMap((wait) => {
    now += wait;
    const next = limiter.take(due, now);
    due = next ?? due;
    return next === null ? [] : [now];
  });
}

describe('RateLimiter', () => {
  it('allows no more than the burst plus the rate in any period', () => {
    fc.assert(
      fc.property(gaps, bounds, (waits, { perSecond, burst }) => {
        const times = allowed(new RateLimiter(perSecond, burst), waits);
        for (const [first, from] of times.entries()) {
          for (const [last, to] of times.entries()) {
            if (last < first) continue;
            const most = burst + ((to - from) / 1_000) * perSecond;
            expect(last - first + 1).toBeLessThanOrEqual(most + 1e-6);
          }
        }
      }),
    );
  });

  it('allows the whole burst at once', () => {
    fc.assert(
      fc.property(bounds, ({ perSecond, burst }) => {
        const waits = Array.from({ length: burst + 1 }, () => 0);
        expect(allowed(new RateLimiter(perSecond, burst), waits)).toHaveLength(burst);
      }),
    );
  });

  it('allows many at once if it would allow them one after another, and else none', () => {
    fc.assert(
      fc.property(
        bounds,
        fc.nat(60),
        fc.integer({ min: 1, max: 60 }),
        ({ perSecond, burst }, before, cost) => {
          const limiter = new RateLimiter(perSecond, burst);
          let due = 0;
          for (let count = 0; count < before; count += 1) due = limiter.take(due, 0) ?? due;
          const together = limiter.take(due, 0, cost);
          const left = burst - Math.min(before, burst);
          expect(together !== null).toBe(cost <= left);
          const wait = limiter.waitMs(due, 0, cost);
          if (together !== null) expect(wait).toBe(0);
          else if (cost <= burst) expect(limiter.take(due, wait + 1e-3, cost)).not.toBeNull();
          else expect(wait).toBe(Infinity);
        },
      ),
    );
  });

  it('allows everything that is no faster than the rate', () => {
    const waits = Array.from({ length: 100 }, () => 100);
    expect(allowed(new RateLimiter(10, 1), waits)).toHaveLength(100);
  });
});
