import { Injectable } from '@nestjs/common';

/** Longest that a client may read nothing while something waits for it, in milliseconds. */
export const MOST_PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 1_000;

/** A client for which something waits. */
export interface SlowReader {
  /** Bytes that wait in its socket. */
  readonly unread: number;
  /** It has read nothing for too long. */
  tooSlow(): void;
}

/** Those who read nothing. One timer for all of them, whatever protocol they speak, and none while everybody reads. */
@Injectable()
export class SlowReaders {
  readonly #readers = new Map<SlowReader, { unread: number; since: number }>();
  #timer: NodeJS.Timeout | null = null;

  add(reader: SlowReader): void {
    if (this.#readers.has(reader)) return;
    this.#readers.set(reader, { unread: reader.unread, since: performance.now() });
    this.#timer ??= setInterval(() => this.look(performance.now()), LOOK_EVERY_MS).unref();
  }

  remove(reader: SlowReader): void {
    if (!this.#readers.delete(reader) || this.#readers.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  look(now: number): void {
    for (const [reader, seen] of this.#readers) {
      const { unread } = reader;
      if (unread !== seen.unread) Object.assign(seen, { unread, since: now });
      else if (now - seen.since >= MOST_PATIENCE_MS) {
        this.remove(reader);
        reader.tooSlow();
      }
    }
  }
}
