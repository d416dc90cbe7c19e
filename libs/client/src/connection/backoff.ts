const BASE_MS = 500;
const MAX_MS = 30_000;

/** Number of failures at which the window reaches its maximum. */
export const FAILURES_AT_MAX = Math.ceil(Math.log2(MAX_MS / BASE_MS));

/** Returns the time within which to retry at random (full jitter), in milliseconds. */
export function backoffWindow(failures: number): number {
  return Math.min(MAX_MS, BASE_MS * 2 ** failures);
}
