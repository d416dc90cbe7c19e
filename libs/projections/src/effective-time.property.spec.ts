import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { markClockLead, type EventMetadata } from '#event-store';
import { effectiveTime } from './fold.ts';

const BOUND_MS = 60_000;
const DAY_MS = 86_400_000;
const START = Date.parse('2026-03-01T00:00:00.000Z');

/** An event of a writer whose clock differs from the store's by `lead`, after some quiet time. */
interface Write {
  readonly quietMs: number;
  readonly leadMs: number;
}

const quietMs = fc.oneof(fc.nat(2_000), fc.nat(90 * DAY_MS));
const honest: fc.Arbitrary<Write> = fc.record({
  quietMs,
  leadMs: fc.integer({ min: -DAY_MS, max: BOUND_MS }),
});
const wild: fc.Arbitrary<Write> = fc.record({
  quietMs,
  leadMs: fc.integer({ min: BOUND_MS + 1, max: 3_650 * DAY_MS }),
});

const iso = (ms: number): string => new Date(ms).toISOString();

/** The log of the writes, with the store's time of each. */
function logOf(writes: readonly Write[]) {
  let now = START;
  return writes.map(({ quietMs, leadMs }) => {
    now += quietMs;
    const occurredAt = iso(now + leadMs);
    const ids = { correlationId: 'a', causationId: 'b', actor: 'cli' };
    return { now, metadata: markClockLead({ occurredAt, ...ids }, now, BOUND_MS) };
  });
}

function timesOf(log: readonly { readonly metadata: EventMetadata }[], before: string | null) {
  let effectiveAt = before;
  return log.map(({ metadata }) => {
    effectiveAt = effectiveTime(effectiveAt, metadata);
    return effectiveAt;
  });
}

describe('Effective times', () => {
  it('never go back, and lead the store by no more than the bound, whatever the clocks of writers', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(honest, wild)), (writes) => {
        const log = logOf(writes);
        const times = timesOf(log, null);
        expect(times).toEqual(times.toSorted());
        for (const [index, { now }] of log.entries()) {
          expect((times[index] ?? '') <= iso(now + BOUND_MS)).toBe(true);
        }
      }),
    );
  });

  it('are the highest time so far while clocks keep within the bound, also after quiet times', () => {
    fc.assert(
      fc.property(fc.array(honest), (writes) => {
        const log = logOf(writes);
        const highest = log.map((_, index) =>
          log
            .slice(0, index + 1)
            .map(({ metadata }) => metadata.occurredAt)
            .reduce((a, b) => (a > b ? a : b)),
        );
        expect(timesOf(log, null)).toEqual(highest);
        expect(log.some(({ metadata }) => metadata.recordedAt !== undefined)).toBe(false);
      }),
    );
  });

  it('move by no more than the bound because of one wild clock', () => {
    fc.assert(
      fc.property(fc.array(honest), wild, fc.array(honest), (before, one, after) => {
        const writes = [...before, one, ...after];
        const log = logOf(writes);
        const without = log.filter((_, index) => index !== before.length);
        const times = timesOf(log, null).filter((_, index) => index !== before.length);
        const limit = log[before.length]?.now ?? 0;
        for (const [index, time] of timesOf(without, null).entries()) {
          // Only up to the time at which the store recorded the wild event.
          expect([time, iso(Math.max(limit, Date.parse(time)))]).toContain(times[index]);
        }
      }),
    );
  });

  it('are the same in a fold that continues from a checkpoint', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(honest, wild)), fc.nat(20), (writes, cut) => {
        const log = logOf(writes);
        const first = timesOf(log.slice(0, cut), null);
        const rest = timesOf(log.slice(cut), first.at(-1) ?? null);
        expect([...first, ...rest]).toEqual(timesOf(log, null));
      }),
    );
  });
});
