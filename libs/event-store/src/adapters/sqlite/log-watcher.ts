import type { LogReader } from './log-reader.ts';

/** Calls a listener with the number of each row that the log is said to reach; answers how to end that. */
export type Hear = (listener: (row: number) => void) => () => void;

/** How long an append of another process may go unnoticed, in milliseconds; ours are noticed at once. */
const POLL_MS = 20;

/**
 * Tells live subscriptions that the log has grown. One timer for all of them asks for the head, which costs a
 * few microseconds; it runs only while there is somebody to tell, and does not keep the process alive.
 */
export class LogWatcher {
  readonly #reader: LogReader;
  readonly #hear: Hear | undefined;
  readonly #listeners = new Set<() => void>();
  #head = 0;
  #stop: (() => void) | null = null;

  /** @param hear where appends are heard of besides; what is not heard is found by looking */
  constructor(reader: LogReader, hear?: Hear) {
    this.#reader = reader;
    this.#hear = hear;
  }

  add(listener: () => void): void {
    this.#listeners.add(listener);
    this.#stop ??= this.#start();
  }

  remove(listener: () => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.#stop?.();
    this.#stop = null;
  }

  /** The log is known to reach `row`. */
  advance(row: number): void {
    if (row <= this.#head) return;
    this.#head = row;
    this.#wakeAll();
  }

  #start(): () => void {
    const timer = setInterval(() => this.#poll(), POLL_MS).unref();
    const stopHearing = this.#hear?.((row) => this.advance(row));
    return () => {
      clearInterval(timer);
      stopHearing?.();
    };
  }

  #poll(): void {
    try {
      this.advance(this.#reader.head());
    } catch {
      // Each subscription meets the error in its own read and hands it to its consumer.
      this.#wakeAll();
    }
  }

  #wakeAll(): void {
    for (const listener of this.#listeners) listener();
  }
}
