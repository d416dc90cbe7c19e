import type { LogReader } from './log-reader.ts';

/** Registers a listener for the row numbers that appends reach; returns a function that removes it. */
type OnAppend = (listener: (row: number) => void) => () => void;

/** Milliseconds between two looks for appends of other processes; appends of this process are noticed at once. */
const POLL_MS = 20;

/**
 * Wakes live subscriptions when the log has grown. One timer for all of them polls the head, which costs a few
 * microseconds. It runs only while there are listeners, and does not keep the process alive.
 */
export class LogWatcher {
  readonly #reader: LogReader;
  readonly #onAppend: OnAppend | undefined;
  readonly #listeners = new Set<() => void>();
  #head = 0;
  #stop: (() => void) | null = null;

  /** @param onAppend source of append notifications, in addition to polling */
  constructor(reader: LogReader, onAppend?: OnAppend) {
    this.#reader = reader;
    this.#onAppend = onAppend;
  }

  addListener(listener: () => void): void {
    this.#listeners.add(listener);
    this.#stop ??= this.#start();
  }

  removeListener(listener: () => void): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    this.#stop?.();
    this.#stop = null;
  }

  /** Call it when the log is known to reach `row`. */
  advance(row: number): void {
    if (row <= this.#head) return;
    this.#head = row;
    this.#wakeAll();
  }

  #start(): () => void {
    const timer = setInterval(() => this.#poll(), POLL_MS).unref();
    const unsubscribe = this.#onAppend?.((row) => this.advance(row));
    return () => {
      clearInterval(timer);
      unsubscribe?.();
    };
  }

  #poll(): void {
    try {
      this.advance(this.#reader.head());
    } catch {
      // Each subscription gets the same error from its own read and passes it to its consumer.
      this.#wakeAll();
    }
  }

  #wakeAll(): void {
    for (const listener of this.#listeners) listener();
  }
}
