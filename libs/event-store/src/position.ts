/**
 * Place of an event in the whole log: an opaque decimal string of a width fixed per store,
 * so that comparing strings compares places. Only adapters look inside.
 */
export type Position = string;

/** The greater of two places, null standing before the first. */
export function latest(a: Position | null, b: Position | null): Position | null {
  return (a ?? '') >= (b ?? '') ? a : b;
}

/** True when `a` stands at or after `b`; null stands before everything. */
export function reached(a: Position | null, b: Position | null): boolean {
  return (a ?? '') >= (b ?? '');
}
