import { Injectable } from '@nestjs/common';

/** Longest time that a client may read nothing while data waits for it, in milliseconds. */
export const READ_TIMEOUT_MS = 15_000;
const CHECK_EVERY_MS = 1_000;

/** A client whose socket holds unread data. */
export interface SlowReader {
  /** Bytes that wait in its socket. */
  readonly unread: number;
  /** Called once the client has read nothing for {@link READ_TIMEOUT_MS}. */
  onReadTimeout(): void;
}

/** Finds clients that read nothing. One timer serves all of them, and none runs while every client reads. */
@Injectable()
export class SlowReaders {
  readonly #readers = new Map<SlowReader, { unread: number; since: number }>();
  #timer: NodeJS.Timeout | null = null;

  add(reader: SlowReader): void {
    if (this.#readers.has(reader)) return;
    this.#readers.set(reader, { unread: reader.unread, since: performance.now() });
    this.#timer ??= setInterval(() => this.check(performance.now()), CHECK_EVERY_MS).unref();
  }

  remove(reader: SlowReader): void {
    if (!this.#readers.delete(reader) || this.#readers.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  check(now: number): void {
    for (const [reader, seen] of this.#readers) {
      const { unread } = reader;
      if (unread !== seen.unread) Object.assign(seen, { unread, since: now });
      else if (now - seen.since >= READ_TIMEOUT_MS) {
        this.remove(reader);
        reader.onReadTimeout();
      }
    }
  }
}
