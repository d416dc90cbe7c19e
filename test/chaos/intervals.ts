/** A time interval in milliseconds. `to` is Infinity for an open end. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The union of the intervals, sorted and without overlaps. */
export function merge(intervals: Iterable<Interval>): Interval[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    if (to <= from) continue;
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

/** The parts of `intervals` that are in none of `holes`. */
export function subtract(intervals: Iterable<Interval>, holes: Iterable<Interval>): Interval[] {
  const cuts = merge(holes);
  return merge(intervals).flatMap((interval) => {
    const parts: Interval[] = [];
    let { from } = interval;
    for (const hole of cuts) {
      if (hole.to <= from || hole.from >= interval.to) continue;
      if (hole.from > from) parts.push({ from, to: hole.from });
      from = hole.to;
    }
    if (from < interval.to) parts.push({ from, to: interval.to });
    return parts;
  });
}

/** The parts that are in both lists. */
export function intersect(first: Iterable<Interval>, others: Iterable<Interval>): Interval[] {
  const second = merge(others);
  return merge(first).flatMap(({ from, to }) =>
    second
      .map((other) => ({ from: Math.max(from, other.from), to: Math.min(to, other.to) }))
      .filter((interval) => interval.from < interval.to),
  );
}
