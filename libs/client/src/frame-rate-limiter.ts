import type { Cancel, Clock } from './clock.ts';

/** Burst and frames per second: half of the server's default limit. */
const BURST = 100;
const PER_SECOND = 50;

/** Token bucket that delays frames, so that a client stays below the server's limit however much it requests. */
export class FrameRateLimiter {
  readonly #clock: Clock;
  readonly #queue: (() => void)[] = [];
  #tokens = BURST;
  #refilledAt: number;
  #cancel: Cancel | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#refilledAt = clock.monotonic();
  }

  /** Runs a task that sends one frame, now or in its turn. */
  schedule(task: () => void): void {
    this.#queue.push(task);
    if (this.#cancel === null) this.#drain();
  }

  /** Drops waiting tasks and fills the bucket, for a new connection. */
  reset(): void {
    this.#queue.length = 0;
    this.#tokens = BURST;
    this.#cancel?.();
    this.#cancel = null;
  }

  #drain(): void {
    this.#refill();
    while (this.#tokens >= 1) {
      const task = this.#queue.shift();
      if (task === undefined) return;
      this.#tokens -= 1;
      task();
    }
    if (this.#queue.length === 0) return;
    this.#cancel = this.#clock.after(1_000 / PER_SECOND, () => {
      this.#cancel = null;
      this.#drain();
    });
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const earned = ((now - this.#refilledAt) / 1_000) * PER_SECOND;
    this.#tokens = Math.min(BURST, this.#tokens + earned);
    this.#refilledAt = now;
  }
}
