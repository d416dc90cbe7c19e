import type { LogReader } from './log-reader.ts';

/** How long an append of another process may go unnoticed, in milliseconds; ours are noticed at once. */
const POLL_MS = 20;

/**
 * Tells live subscriptions that the log has grown. One timer for all of them asks for the head, which costs a
 * few microseconds; it runs only while there is somebody to tell, and does not keep the process alive.
 */
export class LogWatcher {
  readonly #reader: LogReader;
  readonly #listeners = new Set<() => void>();
  #head = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(reader: LogReader) {
    this.#reader = reader;
  }

  add(listener: () => void): void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.#poll(), POLL_MS).unref();
  }

  remove(listener: () => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** The log is known to reach `row`. */
  advance(row: number): void {
    if (row <= this.#head) return;
    this.#head = row;
    this.#wakeAll();
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
