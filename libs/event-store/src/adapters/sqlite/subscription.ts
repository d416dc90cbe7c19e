import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReadyIterator, SubscribeOptions, SubscriptionMessage } from '../../event-store.ts';
import { rowNumber, toRecordedEvent, type EventRow, type LogReader } from './log-reader.ts';
import type { LogWatcher } from './log-watcher.ts';
import { toPosition, toRow } from './positions.ts';
import { BATCH_ROWS } from './read-log.ts';

/** Rows read in one go, and what is to be said after them. */
interface Chunk {
  readonly rows: readonly EventRow[];
  readonly tail: SubscriptionMessage | null;
}

/** What subscriptions of one store share. */
export interface SubscriptionSource {
  readonly reader: LogReader;
  readonly watcher: LogWatcher;
  /** Those that are being iterated. */
  readonly live: Set<Subscription>;
}

/**
 * The log from a place on and then live. Rows are read when the consumer asks for them and not before, so one
 * that is slow holds up nothing. It reads ranges of the log rather than numbers of matches, so that a filter
 * that matches little still moves on, in bounded steps.
 */
export class Subscription
  implements
    AsyncIterableIterator<SubscriptionMessage, undefined>,
    ReadyIterator<SubscriptionMessage>
{
  readonly #source: SubscriptionSource;
  readonly #types: string | null;
  readonly #signal: AbortSignal | undefined;
  readonly #chunks: AsyncGenerator<Chunk, undefined>;
  readonly #queue: Chunk[] = [];
  /** Rows of the first chunk in the queue that have been delivered. */
  #delivered = 0;
  #after: number;
  #ended = false;
  /** What stands after the messages that were handed out last. */
  #failure: Error | null = null;
  #woken = Promise.withResolvers<undefined>();

  constructor(source: SubscriptionSource, { after, signal, types }: SubscribeOptions) {
    this.#source = source;
    this.#types = types === undefined ? null : JSON.stringify(types);
    this.#signal = signal;
    this.#after = toRow(after);
    this.#chunks = this.#read();
  }

  /** Ends the iteration without an error, at once even while it waits. */
  readonly end = (): void => {
    this.#ended = true;
    this.#wake();
  };

  /** What has been read is handed out as it is: a generator would cost several promises for each event. */
  next(): Promise<IteratorResult<SubscriptionMessage, undefined>> {
    const [value] = this.ready(1);
    if (value !== undefined) return Promise.resolve({ done: false, value });
    const failure = this.#failure;
    if (failure === null) return this.#takeFromNext();
    this.#failure = null;
    return Promise.reject(failure);
  }

  ready(most: number): SubscriptionMessage[] {
    const messages: SubscriptionMessage[] = [];
    try {
      while (messages.length < most) {
        const message = this.#take();
        if (message === null) break;
        messages.push(message);
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.end();
    }
    return messages;
  }

  /** A generator alone would leave this waiting behind a pending `next()`. */
  async return(): Promise<IteratorResult<SubscriptionMessage, undefined>> {
    this.end();
    await this.#chunks.return(undefined);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next message of what has been read, null where there is none. */
  #take(): SubscriptionMessage | null {
    for (let chunk = this.#queue[0]; chunk !== undefined; chunk = this.#queue[0]) {
      if (this.#ended) return null;
      const row = chunk.rows[this.#delivered];
      if (row !== undefined) {
        this.#delivered += 1;
        return { kind: 'event', event: toRecordedEvent(row) };
      }
      this.#queue.shift();
      this.#delivered = 0;
      if (chunk.tail !== null) return chunk.tail;
    }
    return null;
  }

  async #takeFromNext(): Promise<IteratorResult<SubscriptionMessage, undefined>> {
    const next = await this.#chunks.next();
    if (next.done === true) return { done: true, value: undefined };
    this.#queue.push(next.value);
    return this.next();
  }

  /** A look at the head costs as much as reading some rows: there is one before rows are read, and one after. */
  async *#read(): AsyncGenerator<Chunk, undefined> {
    const { reader, watcher, live } = this.#source;
    live.add(this);
    watcher.add(this.#wake);
    this.#signal?.addEventListener('abort', this.end);
    if (this.#signal?.aborted === true) this.end();
    let isCaughtUp = false;
    try {
      while (!this.#ended) {
        const head = reader.head();
        if (this.#after < head) {
          isCaughtUp = false;
          yield this.#range(Math.min(this.#after + BATCH_ROWS, head));
          if (this.#after < head) await nextTurn();
        } else if (!isCaughtUp) {
          isCaughtUp = true;
          yield { rows: [], tail: { kind: 'caughtUp', position: this.#place() } };
        } else {
          await this.#woken.promise;
          this.#woken = Promise.withResolvers();
        }
      }
    } finally {
      this.#signal?.removeEventListener('abort', this.end);
      watcher.remove(this.#wake);
      live.delete(this);
    }
  }

  #range(upTo: number): Chunk {
    const rows = this.#source.reader.range(this.#after, upTo, this.#types);
    this.#after = upTo;
    const isLastDelivered = rowNumber(rows.at(-1)) === upTo;
    return { rows, tail: isLastDelivered ? null : { kind: 'checkpoint', position: this.#place() } };
  }

  readonly #wake = (): void => this.#woken.resolve(undefined);

  #place(): string | null {
    return this.#after === 0 ? null : toPosition(this.#after);
  }
}
