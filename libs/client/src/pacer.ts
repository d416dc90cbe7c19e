import type { Cancel, Clock } from './clock.ts';

/** Frames at once, and a second, that a client says: half of what the server takes in by default. */
const BURST = 100;
const PER_SECOND = 50;

/** Keeps a client under the server's limit of frames, however many requests the application makes. */
export class Pacer {
  readonly #clock: Clock;
  readonly #queue: (() => void)[] = [];
  #allowance = BURST;
  #countedAt: number;
  #cancel: Cancel | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#countedAt = clock.monotonic();
  }

  /** Does one thing that takes one frame: now, or in its turn. */
  run(task: () => void): void {
    this.#queue.push(task);
    if (this.#cancel === null) this.#drain();
  }

  /** Forgets what waits: the next connection begins with all that it is allowed. */
  reset(): void {
    this.#queue.length = 0;
    this.#allowance = BURST;
    this.#cancel?.();
    this.#cancel = null;
  }

  #drain(): void {
    this.#count();
    while (this.#allowance >= 1) {
      const task = this.#queue.shift();
      if (task === undefined) return;
      this.#allowance -= 1;
      task();
    }
    if (this.#queue.length === 0) return;
    this.#cancel = this.#clock.after(1_000 / PER_SECOND, () => {
      this.#cancel = null;
      this.#drain();
    });
  }

  #count(): void {
    const now = this.#clock.monotonic();
    const earned = ((now - this.#countedAt) / 1_000) * PER_SECOND;
    this.#allowance = Math.min(BURST, this.#allowance + earned);
    this.#countedAt = now;
  }
}
