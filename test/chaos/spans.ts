/** A stretch of time in milliseconds; without an end where `to` is Infinity. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The same stretches, in order and without overlap. */
export function merged(spans: Iterable<Span>): Span[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    if (to <= from) continue;
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

/** What is in `spans` and in none of `holes`. */
export function without(spans: Iterable<Span>, holes: Iterable<Span>): Span[] {
  const cuts = merged(holes);
  return merged(spans).flatMap((span) => {
    const parts: Span[] = [];
    let { from } = span;
    for (const hole of cuts) {
      if (hole.to <= from || hole.from >= span.to) continue;
      if (hole.from > from) parts.push({ from, to: hole.from });
      from = hole.to;
    }
    if (from < span.to) parts.push({ from, to: span.to });
    return parts;
  });
}

/** What is in both. */
export function common(some: Iterable<Span>, others: Iterable<Span>): Span[] {
  const second = merged(others);
  return merged(some).flatMap(({ from, to }) =>
    second
      .map((other) => ({ from: Math.max(from, other.from), to: Math.min(to, other.to) }))
      .filter((span) => span.from < span.to),
  );
}
