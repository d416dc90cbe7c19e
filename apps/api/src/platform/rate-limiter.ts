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

  /** Returns the number to keep from now on, or null when the limit is exceeded. */
  take(dueMs: number, nowMs: number): number | null {
    const earliest = Math.max(dueMs, nowMs);
    return earliest - nowMs > this.#slackMs ? null : earliest + this.#intervalMs;
  }
}
