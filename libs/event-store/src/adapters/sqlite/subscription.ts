import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReadyIterator, SubscribeOptions, SubscriptionMessage } from '../../event-store.ts';
import { rowNumber, toRecordedEvent, type EventRow, type LogReader } from './log-reader.ts';
import type { LogWatcher } from './log-watcher.ts';
import { toPosition, toRow } from './positions.ts';
import { BATCH_ROWS } from './read-log.ts';

/** Rows of one query, and the message after them. */
interface Chunk {
  readonly rows: readonly EventRow[];
  readonly lastMessage: SubscriptionMessage | null;
}

/** State that all subscriptions of one store share. */
interface SubscriptionSource {
  readonly reader: LogReader;
  readonly watcher: LogWatcher;
  /** Subscriptions that are being iterated. */
  readonly live: Set<Subscription>;
}

/**
 * Delivers the log from a position on, then live. Rows are read only when the consumer asks for them, so a slow
 * consumer does not delay others. Each query reads a range of the log, not a number of matches: with a filter that
 * matches little the subscription still advances, in bounded steps.
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
  /** The error that follows the messages delivered last. */
  #failure: Error | null = null;
  #wakeSignal = Promise.withResolvers<undefined>();

  constructor(source: SubscriptionSource, { after, signal, types }: SubscribeOptions) {
    this.#source = source;
    this.#types = types === undefined ? null : JSON.stringify(types);
    this.#signal = signal;
    this.#after = toRow(after);
    this.#chunks = this.#read();
  }

  /** Ends the iteration without an error, even while it waits. */
  readonly end = (): void => {
    this.#ended = true;
    this.#wake();
  };

  /** Returns rows that have been read directly: a generator would cost several promises for each event. */
  next(): Promise<IteratorResult<SubscriptionMessage, undefined>> {
    const [value] = this.ready(1);
    if (value !== undefined) return Promise.resolve({ done: false, value });
    const failure = this.#failure;
    if (failure === null) return this.#readChunk();
    this.#failure = null;
    return Promise.reject(failure);
  }

  ready(max: number): SubscriptionMessage[] {
    const messages: SubscriptionMessage[] = [];
    try {
      while (messages.length < max) {
        const message = this.#takeMessage();
        if (message === null) break;
        messages.push(message);
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.end();
    }
    return messages;
  }

  /** Without {@link end}, the generator's `return()` would wait for a pending `next()`. */
  async return(): Promise<IteratorResult<SubscriptionMessage, undefined>> {
    this.end();
    await this.#chunks.return(undefined);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next message of the rows that have been read; null if there is none. */
  #takeMessage(): SubscriptionMessage | null {
    for (let chunk = this.#queue[0]; chunk !== undefined; chunk = this.#queue[0]) {
      if (this.#ended) return null;
      const row = chunk.rows[this.#delivered];
      if (row !== undefined) {
        this.#delivered += 1;
        return { kind: 'event', event: toRecordedEvent(row) };
      }
      this.#queue.shift();
      this.#delivered = 0;
      if (chunk.lastMessage !== null) return chunk.lastMessage;
    }
    return null;
  }

  async #readChunk(): Promise<IteratorResult<SubscriptionMessage, undefined>> {
    const next = await this.#chunks.next();
    if (next.done === true) return { done: true, value: undefined };
    this.#queue.push(next.value);
    return this.next();
  }

  /** Reading the head costs as much as reading some rows, so it is read only before and after a range. */
  async *#read(): AsyncGenerator<Chunk, undefined> {
    const { reader, watcher, live } = this.#source;
    live.add(this);
    watcher.addListener(this.#wake);
    this.#signal?.addEventListener('abort', this.end);
    if (this.#signal?.aborted === true) this.end();
    let isCaughtUp = false;
    try {
      while (!this.#ended) {
        const head = reader.head();
        if (this.#after < head) {
          isCaughtUp = false;
          yield this.#readRange(Math.min(this.#after + BATCH_ROWS, head));
          if (this.#after < head) await nextTurn();
        } else if (!isCaughtUp) {
          isCaughtUp = true;
          yield { rows: [], lastMessage: { kind: 'caughtUp', position: this.#position() } };
        } else {
          await this.#wakeSignal.promise;
          this.#wakeSignal = Promise.withResolvers();
        }
      }
    } finally {
      this.#signal?.removeEventListener('abort', this.end);
      watcher.removeListener(this.#wake);
      live.delete(this);
    }
  }

  #readRange(upTo: number): Chunk {
    const rows = this.#source.reader.range(this.#after, upTo, this.#types);
    this.#after = upTo;
    const isLastDelivered = rowNumber(rows.at(-1)) === upTo;
    return {
      rows,
      lastMessage: isLastDelivered ? null : { kind: 'checkpoint', position: this.#position() },
    };
  }

  readonly #wake = (): void => this.#wakeSignal.resolve(undefined);

  #position(): string | null {
    return this.#after === 0 ? null : toPosition(this.#after);
  }
}
