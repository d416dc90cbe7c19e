/** A part of a timeline, in milliseconds since 1970. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** The shortest part that can be shown. */
const SHORTEST_MS = 1_000;

/** Returns the part around a moment, which stays where it is, that is `factor` times as long. It stays within the whole. */
export function zoom(
  shown: TimeRange,
  factor: number,
  around: number,
  whole: TimeRange,
): TimeRange {
  const length = shown.to - shown.from;
  const longest = whole.to - whole.from;
  const next = Math.min(Math.max(length * factor, Math.min(SHORTEST_MS, longest)), longest);
  const from = around - ((around - shown.from) / length) * next;
  return within({ from, to: from + next }, whole);
}

/** Returns the part that is that much later, or earlier. It stays within the whole. */
export function pan({ from, to }: TimeRange, byMs: number, whole: TimeRange): TimeRange {
  return within({ from: from + byMs, to: to + byMs }, whole);
}

function within({ from, to }: TimeRange, whole: TimeRange): TimeRange {
  const length = to - from;
  if (length >= whole.to - whole.from) return whole;
  if (from < whole.from) return { from: whole.from, to: whole.from + length };
  if (to > whole.to) return { from: whole.to - length, to: whole.to };
  return { from, to };
}
