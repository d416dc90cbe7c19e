const SECOND = 1_000;
const UNITS = [
  ['y', 365 * 86_400 * SECOND],
  ['d', 86_400 * SECOND],
  ['h', 3_600 * SECOND],
  ['min', 60 * SECOND],
  ['s', SECOND],
] as const;

/** Returns a duration in its two largest units, such as `3 d 4 h`; `0 s` below a second. */
export function inDuration(milliseconds: number): string {
  const start = UNITS.findIndex(([, size]) => milliseconds >= size);
  if (start === -1) return '0 s';
  const [unit, size] = UNITS[start] ?? UNITS[4];
  const whole = Math.floor(milliseconds / size);
  const next = UNITS[start + 1];
  const rest = next === undefined ? 0 : Math.floor((milliseconds - whole * size) / next[1]);
  return rest === 0 || next === undefined
    ? `${whole} ${unit}`
    : `${whole} ${unit} ${rest} ${next[0]}`;
}

/** Returns how long ago a time was, such as `3 min ago`. A time ahead of this clock is `just now`. */
export function inAgo(milliseconds: number): string {
  if (milliseconds < 5 * SECOND) return 'just now';
  const [unit, size] = UNITS.find(([, each]) => milliseconds >= each) ?? UNITS[4];
  return `${Math.floor(milliseconds / size)} ${unit} ago`;
}
