import type { Interval } from './intervals.ts';

/** Faults of what all processes share, each with the time to recover from it. */
export interface SharedFaults {
  /** When the log could not be written or followed. */
  readonly logAway: readonly Interval[];
  /** When the loss of a node, or the end of a TTL, could not be found or recorded. */
  readonly lossesUnseen: readonly Interval[];
  /** When reads may fail or be behind. */
  readonly readsBehind: readonly Interval[];
}

export const NO_SHARED_FAULTS: SharedFaults = { logAway: [], lossesUnseen: [], readsBehind: [] };

/**
 * Moves a deadline to after the faults that overlap the time until it.
 *
 * @param afterMs time that is needed after each fault
 */
export function postpone(
  deadline: number,
  since: number,
  faults: readonly Interval[],
  afterMs: number,
): number {
  return faults
    .toSorted((a, b) => a.from - b.from)
    .reduce(
      (latest, { from, to }) =>
        from <= latest && to >= since ? Math.max(latest, to + afterMs) : latest,
      deadline,
    );
}
