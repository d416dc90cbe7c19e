import { LRUCache } from 'lru-cache';
import { RateLimiter } from './rate-limiter.ts';

/** Most keys that are remembered; the one that was used longest ago is forgotten first. */
const MAX_KEYS = 10_000;

/** Limits the rate of each of many keys, such as addresses or Users: allows a burst, then a steady rate. */
export class KeyedRateLimiter {
  /** Seconds after which one more of a key that is at its limit is allowed, at the latest. */
  readonly retryAfterSeconds: number;
  readonly #limiter: RateLimiter;
  readonly #now: () => number;
  /** When the next one of each key would be due at the steady rate. */
  readonly #due = new LRUCache<string, number>({ max: MAX_KEYS });

  /** @param now milliseconds of a monotonic clock */
  constructor(perSecond: number, burst: number, now: () => number) {
    this.retryAfterSeconds = Math.ceil(1 / perSecond);
    this.#limiter = new RateLimiter(perSecond, burst);
    this.#now = now;
  }

  /** Counts `cost` more of a key; false, and no change, when that is beyond its limit. */
  take(key: string, cost = 1): boolean {
    const due = this.#limiter.take(this.#due.get(key) ?? 0, this.#now(), cost);
    if (due !== null) this.#due.set(key, due);
    return due !== null;
  }

  /** Returns the seconds after which `cost` of a key are allowed, 1 at the least. */
  secondsUntil(key: string, cost: number): number {
    const waitMs = this.#limiter.waitMs(this.#due.get(key) ?? 0, this.#now(), cost);
    return Math.max(Math.ceil(waitMs / 1_000), 1);
  }
}
