/** The later of two moments, ISO 8601; null, for one that has not come, stands before every other. */
export function later(a: string, b: string | null): string {
  return b !== null && b > a ? b : a;
}
