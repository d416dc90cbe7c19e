import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FrameRate } from './frame-rate.ts';
import { TokenBucket } from './token-bucket.ts';

const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
const bounds = fc.record({
  perSecond: fc.integer({ min: 1, max: 100 }),
  burst: fc.integer({ min: 1, max: 50 }),
});

/** Moments in milliseconds at which something came that was taken. */
function taken(waits: readonly number[], take: (now: number) => boolean): number[] {
  let now = 0;
  return waits.flatMap((wait) => {
    now += wait;
    return take(now) ? [now] : [];
  });
}

/** No stretch of time holds more than the burst and what its length allows. */
function expectBounded(moments: readonly number[], perSecond: number, burst: number): void {
  for (const [first, from] of moments.entries()) {
    for (const [last, to] of moments.entries()) {
      if (last < first) continue;
      const most = burst + ((to - from) / 1_000) * perSecond;
      expect(last - first + 1).toBeLessThanOrEqual(most + 1e-6);
    }
  }
}

describe('What comes at any moments', () => {
  it('is taken by a bucket up to its burst, and at its rate', () => {
    fc.assert(
      fc.property(gaps, bounds, (waits, { perSecond, burst }) => {
        const bucket = new TokenBucket(perSecond, burst, 0);
        expectBounded(
          taken(waits, (now) => bucket.take(now)),
          perSecond,
          burst,
        );
      }),
    );
  });

  it('is taken alike by a rate that keeps one number', () => {
    fc.assert(
      fc.property(gaps, bounds, (waits, { perSecond, burst }) => {
        const rate = new FrameRate(perSecond, burst);
        let due = 0;
        const moments = taken(waits, (now) => {
          const next = rate.take(due, now);
          due = next ?? due;
          return next !== null;
        });
        expectBounded(moments, perSecond, burst);
      }),
    );
  });

  it('is all taken where it comes no faster than the rate', () => {
    const bucket = new TokenBucket(10, 1, 0);
    const rate = new FrameRate(10, 1);
    let due: number | null = 0;
    for (let now = 0; now < 10_000; now += 100) {
      expect(bucket.take(now)).toBe(true);
      due = rate.take(due ?? 0, now);
      expect(due).not.toBeNull();
    }
  });
});
