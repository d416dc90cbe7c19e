const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Failures after which the wait is as long as it gets. */
export const FAILURES_AT_LONGEST = Math.ceil(Math.log2(LONGEST_MS / FIRST_MS));

/** Within which time to try again at random (full jitter), in milliseconds. */
export function backoffWindow(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
}
