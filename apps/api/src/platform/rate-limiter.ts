/** Part of an interval by which a request may be early: rounding must not reject the last one of a burst. */
const ROUNDING = 1e-6;

/**
 * Rate limiter (GCRA): allows a burst, then a steady rate. It keeps no state. The caller keeps one number for each
 * thing that is limited: when the next one would be due at the steady rate, 0 at first.
 */
export class RateLimiter {
  readonly #intervalMs: number;
  readonly #slackMs: number;

  constructor(perSecond: number, burst: number) {
    this.#intervalMs = 1_000 / perSecond;
    this.#slackMs = (burst - 1 + ROUNDING) * this.#intervalMs;
  }

  /** Returns the number to keep from now on, or null when `cost` at once exceed the limit. */
  take(dueMs: number, nowMs: number, cost = 1): number | null {
    if (this.waitMs(dueMs, nowMs, cost) > 0) return null;
    return Math.max(dueMs, nowMs) + cost * this.#intervalMs;
  }

  /** Returns the milliseconds until `cost` at once are within the limit; infinitely many if they exceed the burst. */
  waitMs(dueMs: number, nowMs: number, cost = 1): number {
    const beyondFirst = (cost - 1) * this.#intervalMs;
    if (beyondFirst > this.#slackMs) return Infinity;
    return Math.max(Math.max(dueMs - nowMs, 0) + beyondFirst - this.#slackMs, 0);
  }
}
