import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pan, zoom, type TimeRange } from './timeline-view.ts';

const WHOLE: TimeRange = { from: 1_000_000, to: 9_000_000 };

const part = fc
  .tuple(fc.integer({ min: 0, max: 7_000_000 }), fc.integer({ min: 1_000, max: 1_000_000 }))
  .map(([offset, length]): TimeRange => ({
    from: WHOLE.from + offset,
    to: WHOLE.from + offset + length,
  }));

describe('the shown part of a timeline', () => {
  it('keeps the moment under the pointer where it is when zoomed', () => {
    const zoomed = zoom({ from: 4_000_000, to: 6_000_000 }, 0.5, 4_500_000, WHOLE);
    expect(zoomed).toEqual({ from: 4_250_000, to: 5_250_000 });
  });

  it('is the whole when zoomed out far enough', () => {
    expect(zoom({ from: 4_000_000, to: 6_000_000 }, 100, 5_000_000, WHOLE)).toEqual(WHOLE);
  });

  it('stops at the ends when panned', () => {
    const shown = { from: 8_000_000, to: 9_000_000 };
    expect(pan(shown, 500_000, WHOLE)).toEqual(shown);
    expect(pan(shown, -20_000_000, WHOLE)).toEqual({ from: 1_000_000, to: 2_000_000 });
  });

  it('is always within the whole, and never empty', () => {
    const factor = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(part, factor, fc.integer(), (shown, by, delta) => {
        const around = shown.from + (shown.to - shown.from) / 3;
        for (const next of [zoom(shown, by, around, WHOLE), pan(shown, delta, WHOLE)]) {
          expect(next.from).toBeGreaterThanOrEqual(WHOLE.from);
          expect(next.to).toBeLessThanOrEqual(WHOLE.to);
          expect(next.to - next.from).toBeGreaterThan(900);
        }
      }),
    );
  });
});
