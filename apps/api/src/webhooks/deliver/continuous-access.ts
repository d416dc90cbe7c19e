/** Milliseconds without a success after which access counts as interrupted. */
const GAP_MS = 2_000;

/**
 * Measures for how long this process has had access to the queue without an interruption. After an outage of the
 * database every claim looks ended; its worker, which could not extend it, first gets time to record its results.
 */
export class ContinuousAccess {
  readonly #monotonic: () => number;
  #since: number;
  #lastAt: number;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#since = monotonic();
    this.#lastAt = this.#since;
  }

  /** Call it after each operation that has succeeded. */
  confirm(): void {
    const now = this.#monotonic();
    if (now - this.#lastAt > GAP_MS) this.#since = now;
    this.#lastAt = now;
  }

  /** Milliseconds from the first to the last success of the current access. */
  get durationMs(): number {
    return this.#lastAt - this.#since;
  }
}
