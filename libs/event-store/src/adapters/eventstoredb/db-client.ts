import {
  BACKWARDS,
  EventStoreDBClient,
  FORWARDS,
  jsonEvent,
  type AppendToStreamOptions,
} from '@eventstore/db-client';
import { releaseBatchAppend, acquireBatchAppend } from './batch-append-lease.ts';
import { callCredentials } from './connection-string.ts';
import { toLogClientError } from './db-client-errors.ts';
import { readEvents, readEventsAhead } from './db-client-reads.ts';
import { subscribe } from './db-client-subscription.ts';
import {
  LogClientError,
  type LogClient,
  type LogPosition,
  type RawEvent,
  type RawExpectedRevision,
  type RawMessage,
  type RawNewEvent,
  type ReadRange,
  type SubscribeRange,
} from './log-client.ts';

/** An hour, in milliseconds. A batch append sends its deadline as a time of day, so clock skew can shorten it. */
const BEYOND_CLOCK_SKEW_MS = 3_600_000;

/**
 * The log over `@eventstore/db-client`. Appends have a connection of their own: a consumer that does not read its
 * subscription cannot delay them, and a call that fails elsewhere does not end their stream.
 */
export class DbClient implements LogClient {
  readonly #reader: EventStoreDBClient;
  readonly #writer: EventStoreDBClient;
  readonly #batches: boolean;
  readonly #appendOptions: AppendToStreamOptions;

  /** @throws LogClientError when the connection string is invalid; the message does not repeat it (passwords) */
  constructor(url: string) {
    try {
      this.#reader = EventStoreDBClient.connectionString(url);
      this.#writer = EventStoreDBClient.connectionString(url);
    } catch {
      throw new LogClientError(
        'not_handled',
        'The connection string is invalid, or names a certificate that cannot be read',
      );
    }
    this.#batches = acquireBatchAppend();
    if (this.#batches) {
      // One message per append: a refused append of several messages gets two answers, which the client cannot handle.
      this.#appendOptions = {
        deadline: BEYOND_CLOCK_SKEW_MS,
        batchAppendSize: Number.MAX_SAFE_INTEGER,
      };
    } else {
      const credentials = callCredentials(url);
      if (credentials === null) {
        throw new LogClientError(
          'not_handled',
          'A second connection of one process needs credentials in its connection string',
        );
      }
      this.#appendOptions = { credentials };
    }
  }

  async append(
    stream: string,
    expectedRevision: RawExpectedRevision,
    events: readonly RawNewEvent[],
  ): Promise<{ revision: bigint; position: LogPosition }> {
    const encoded = events.map(({ id, type, data, metadata }) =>
      jsonEvent({ id, type, data: { ...data }, metadata: { ...metadata } }),
    );
    const { nextExpectedRevision, position } = await this.#call(() =>
      this.#writer.appendToStream(stream, encoded, { ...this.#appendOptions, expectedRevision }),
    );
    if (position === undefined) {
      throw new LogClientError('unknown', 'The server answered an append without a position');
    }
    return { revision: nextExpectedRevision, position };
  }

  readStream(
    stream: string,
    { from, direction, limit }: ReadRange<bigint | 'start' | 'end'>,
  ): AsyncIterable<RawEvent> {
    return readEvents(
      this.#reader.readStream(stream, {
        fromRevision: from,
        direction: direction === 'forwards' ? FORWARDS : BACKWARDS,
        maxCount: limit,
      }),
    );
  }

  readAhead({
    from,
    signal,
  }: {
    readonly from: LogPosition | 'start';
    readonly signal: AbortSignal;
  }): AsyncIterable<readonly RawEvent[]> {
    return readEventsAhead(this.#reader, from, signal);
  }

  readBackwards({
    from,
    limit,
  }: {
    readonly from: LogPosition | 'end';
    readonly limit: number;
  }): AsyncIterable<RawEvent> {
    return readEvents(
      this.#reader.readAll({ fromPosition: from, direction: BACKWARDS, maxCount: limit }),
    );
  }

  subscribe(range: SubscribeRange): AsyncIterable<RawMessage> {
    return subscribe(this.#reader, range);
  }

  async keepLastEventOnly(stream: string): Promise<void> {
    await this.#call(() =>
      this.#writer.setStreamMetadata(stream, { maxCount: 1 }, this.#appendOptions),
    );
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#reader.dispose(), this.#writer.dispose()]);
    // Only after the batch stream has ended, which rejects all pending batch appends of the process.
    if (this.#batches) releaseBatchAppend();
  }

  async #call<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      throw toLogClientError(error);
    }
  }
}
