/**
 * Place of an event in the whole log: an opaque decimal string of a width fixed per store,
 * so that comparing strings compares places. Only adapters look inside.
 */
export type Position = string;

/** The greater of two places, null standing before the first. */
export function latest(a: Position | null, b: Position | null): Position | null {
  return (a ?? '') >= (b ?? '') ? a : b;
}

/**
 * How much of a log that reaches up to `head` stands at or before `position`, from 0 to 1. An estimate for
 * showing progress: places grow with the log, but not by the same step for every event.
 */
export function shareOfLog(position: Position | null, head: Position | null): number {
  if (head === null) return 1;
  return Math.min(1, Number(position ?? 0) / Number(head));
}

/** True when `a` stands at or after `b`; null stands before everything. */
export function reached(a: Position | null, b: Position | null): boolean {
  return (a ?? '') >= (b ?? '');
}
