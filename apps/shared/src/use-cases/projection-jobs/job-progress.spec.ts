import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProgressEstimate } from './job-progress.ts';

const position = (value: number): string => String(value).padStart(20, '0');

describe('The estimate of a progress', () => {
  it('is exact where positions have no gaps, also for a fold that continues', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 1_000_000 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.double({ min: 0.6, max: 1, noNaN: true }),
        (head, startShare, endShare) => {
          const estimate = new ProgressEstimate(position(head));
          const start = Math.floor(head * startShare);
          const now = Math.max(start + 1, Math.floor(head * endShare));
          estimate.at(position(start), 0);
          const { events, totalEvents } = estimate.at(position(now), now - start);
          expect(events).toBe(now - start);
          expect(totalEvents).toBe(head - start);
        },
      ),
    );
  });

  it('is not known before the position has moved', () => {
    const estimate = new ProgressEstimate(position(100));
    expect(estimate.at(position(10), 5)).toEqual({ events: 5, totalEvents: null });
    expect(estimate.at(position(10), 6)).toEqual({ events: 6, totalEvents: null });
  });

  it('is the number of events at the end of the log, and beyond', () => {
    const estimate = new ProgressEstimate(position(100));
    expect(estimate.at(position(120), 80)).toEqual({ events: 80, totalEvents: 80 });
    expect(new ProgressEstimate(null).at(null, 0)).toEqual({ events: 0, totalEvents: 0 });
  });
});
