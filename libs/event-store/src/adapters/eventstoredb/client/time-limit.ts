/** Calls `onExpired` after some milliseconds, unless the returned function is called before. Infinity is no limit. */
export function startTimeLimit(limitMs: number, onExpired: () => void): () => void {
  if (limitMs === Infinity) return () => undefined;
  const timer = setTimeout(onExpired, limitMs);
  return () => clearTimeout(timer);
}
