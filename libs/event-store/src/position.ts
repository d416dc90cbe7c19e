/**
 * Position of an event in the whole log: an opaque decimal string. Its width is fixed per store, so that string
 * order is log order. Only adapters interpret it.
 */
export type Position = string;

/** The later of two positions; null is before the first. */
export function latest(a: Position | null, b: Position | null): Position | null {
  return (a ?? '') >= (b ?? '') ? a : b;
}

/** Compares two items by their positions, for sorting in log order. Two items never share a position. */
export function byPosition(
  a: { readonly position: Position },
  b: { readonly position: Position },
): number {
  return a.position < b.position ? -1 : 1;
}

/** A bound right after a position: no event lies between. Positions are digits of a fixed width, which `~` follows. */
export function justAfter(position: Position): string {
  return `${position}~`;
}

/**
 * Share of a log with this `head` that is at or before `position`, from 0 to 1. An estimate for progress reports:
 * positions grow with the log, but not by the same step for every event.
 */
export function shareOfLog(position: Position | null, head: Position | null): number {
  if (head === null) return 1;
  return Math.min(1, Number(position ?? 0) / Number(head));
}

/** True when `position` is at or after `target`; null is before every position. */
export function hasReached(position: Position | null, target: Position | null): boolean {
  return (position ?? '') >= (target ?? '');
}
