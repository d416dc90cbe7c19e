import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SubscriptionMessage, SubscribeOptions } from '../../event-store.ts';
import { toRecordedEvent, type LogReader } from './log-reader.ts';
import type { LogWatcher } from './log-watcher.ts';
import { toPosition, toRow } from './positions.ts';
import { BATCH_ROWS } from './read-log.ts';

type Messages = AsyncGenerator<SubscriptionMessage, undefined>;

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
export class Subscription implements AsyncIterableIterator<SubscriptionMessage, undefined> {
  readonly #source: SubscriptionSource;
  readonly #types: string | null;
  readonly #signal: AbortSignal | undefined;
  readonly #messages: Messages;
  #after: number;
  #ended = false;
  #woken = Promise.withResolvers<undefined>();

  constructor(source: SubscriptionSource, { after, signal, types }: SubscribeOptions) {
    this.#source = source;
    this.#types = types === undefined ? null : JSON.stringify(types);
    this.#signal = signal;
    this.#after = toRow(after);
    this.#messages = this.#run();
  }

  /** Ends the iteration without an error, at once even while it waits. */
  readonly end = (): void => {
    this.#ended = true;
    this.#wake();
  };

  next(): Promise<IteratorResult<SubscriptionMessage, undefined>> {
    return this.#messages.next();
  }

  /** A generator alone would leave this waiting behind a pending `next()`. */
  return(): Promise<IteratorResult<SubscriptionMessage, undefined>> {
    this.end();
    return this.#messages.return(undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async *#run(): Messages {
    const { watcher, live } = this.#source;
    live.add(this);
    watcher.add(this.#wake);
    this.#signal?.addEventListener('abort', this.end);
    if (this.#signal?.aborted === true) this.end();
    try {
      while (!this.#hasEnded()) {
        yield* this.#catchUp();
        await this.#growth();
      }
    } finally {
      this.#signal?.removeEventListener('abort', this.end);
      watcher.remove(this.#wake);
      live.delete(this);
    }
  }

  async *#catchUp(): Messages {
    const { reader } = this.#source;
    for (let head = reader.head(); this.#after < head; head = reader.head()) {
      yield* this.#range(Math.min(this.#after + BATCH_ROWS, head));
      if (this.#after < head) await nextTurn();
      if (this.#hasEnded()) return;
    }
    yield { kind: 'caughtUp', position: this.#place() };
  }

  *#range(upTo: number): Generator<SubscriptionMessage, void> {
    let delivered = this.#after;
    for (const row of this.#source.reader.range(this.#after, upTo, this.#types)) {
      const event = toRecordedEvent(row);
      delivered = Number(row['position']);
      yield { kind: 'event', event };
      if (this.#hasEnded()) return;
    }
    this.#after = upTo;
    if (delivered < upTo) yield { kind: 'checkpoint', position: this.#place() };
  }

  /** Waits until the log reaches beyond what was delivered, or the subscription is to end. */
  async #growth(): Promise<void> {
    while (!this.#hasEnded() && this.#source.reader.head() <= this.#after) {
      await this.#woken.promise;
      this.#woken = Promise.withResolvers();
    }
  }

  readonly #wake = (): void => this.#woken.resolve(undefined);

  #hasEnded(): boolean {
    return this.#ended;
  }

  #place(): string | null {
    return this.#after === 0 ? null : toPosition(this.#after);
  }
}
