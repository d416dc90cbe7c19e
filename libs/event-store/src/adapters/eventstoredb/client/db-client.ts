import { BACKWARDS, FORWARDS, jsonEvent, type AppendToStreamOptions } from '@eventstore/db-client';
import type { StoreHealthRecord } from '../../../store-health.ts';
import { releaseBatchAppend, acquireBatchAppend } from './batch-append-lease.ts';
import type { ConnectionSettings } from './connection-string.ts';
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
} from '../log-client.ts';
import type { NodeClient } from './node-client.ts';
import { StoreConnection } from './store-connection.ts';

/** An hour, in milliseconds. A batch append sends its deadline as a time of day, so clock skew can shorten it. */
const BEYOND_CLOCK_SKEW_MS = 3_600_000;

/** Without TLS the client does not send credentials, so any value will do. */
const UNUSED = { username: 'unused', password: 'unused' };

export interface DbClientOptions {
  readonly settings: ConnectionSettings;
  /** Records whether the store answers. */
  readonly health: StoreHealthRecord;
  /** Milliseconds that a read waits for its next event. */
  readonly timeoutMs: number;
}

/** The log over `@eventstore/db-client`. */
export class DbClient implements LogClient {
  readonly #connection: StoreConnection;
  readonly #timeoutMs: number;
  readonly #batches: boolean;
  readonly #appendOptions: AppendToStreamOptions;

  /** @throws InvalidConnectionStringError when a certificate cannot be read */
  constructor({ settings, health, timeoutMs }: DbClientOptions) {
    this.#timeoutMs = timeoutMs;
    this.#batches = acquireBatchAppend();
    try {
      this.#appendOptions = this.#batches ? batchAppends() : plainAppends(settings);
      this.#connection = new StoreConnection({ settings, health, batches: this.#batches });
    } catch (error) {
      if (this.#batches) releaseBatchAppend();
      throw error;
    }
  }

  /**
   * Settles when there is a connection.
   *
   * @throws LogClientError after `timeoutMs` without one
   */
  async connected(timeoutMs: number): Promise<void> {
    await this.#connection.get(timeoutMs);
  }

  async append(
    stream: string,
    expectedRevision: RawExpectedRevision,
    events: readonly RawNewEvent[],
  ): Promise<{ revision: bigint; position: LogPosition }> {
    const encoded = events.map(({ id, type, data, metadata }) =>
      jsonEvent({ id, type, data: { ...data }, metadata: { ...metadata } }),
    );
    const options = { ...this.#appendOptions, expectedRevision };
    const { nextExpectedRevision, position } = await this.#write((writer) =>
      writer.appendToStream(stream, encoded, options),
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
    const options = {
      fromRevision: from,
      direction: direction === 'forwards' ? FORWARDS : BACKWARDS,
      maxCount: limit,
    } as const;
    return this.#read((reader) => readEvents(reader.readStream(stream, options), this.#timeoutMs));
  }

  readAhead({
    from,
    signal,
  }: {
    readonly from: LogPosition | 'start';
    readonly signal: AbortSignal;
  }): AsyncIterable<readonly RawEvent[]> {
    return this.#read((reader) => readEventsAhead(reader, from, signal, this.#timeoutMs), signal);
  }

  readBackwards({
    from,
    limit,
  }: {
    readonly from: LogPosition | 'end';
    readonly limit: number;
  }): AsyncIterable<RawEvent> {
    const range = { fromPosition: from, direction: BACKWARDS, maxCount: limit } as const;
    return this.#read((reader) => readEvents(reader.readAll(range), this.#timeoutMs));
  }

  subscribe(range: SubscribeRange): AsyncIterable<RawMessage> {
    return this.#read((reader) => subscribe(reader, range), range.signal);
  }

  async keepLastEventOnly(stream: string): Promise<void> {
    await this.#write((writer) =>
      writer.setStreamMetadata(stream, { maxCount: 1 }, this.#appendOptions),
    );
  }

  async dispose(): Promise<void> {
    await this.#connection.close();
    // Only after the batch stream has ended, which rejects all pending batch appends of the process.
    if (this.#batches) releaseBatchAppend();
  }

  async #write<T>(request: (writer: NodeClient) => Promise<T>): Promise<T> {
    const connection = await this.#connection.get();
    try {
      return await request(connection.writer);
    } catch (error) {
      const failure = toLogClientError(error);
      if (mayBeLost(failure)) this.#connection.suspect(connection);
      throw failure;
    }
  }

  /**
   * A connection that is closed ends its reads as if they were complete, which they are not unless `signal` asked for it.
   */
  async *#read<T>(
    start: (reader: NodeClient) => AsyncIterable<T>,
    signal?: AbortSignal,
  ): AsyncGenerator<T> {
    const connection = await this.#connection.get();
    try {
      yield* start(connection.reader);
    } catch (error) {
      if (error instanceof LogClientError && mayBeLost(error)) this.#connection.suspect(connection);
      throw error;
    }
    if (connection.isClosed && signal?.aborted !== true)
      throw new LogClientError('unknown', 'The connection was lost');
  }
}

/** One message per append: a refused append of several messages gets two answers, which the client cannot handle. */
function batchAppends(): AppendToStreamOptions {
  return { deadline: BEYOND_CLOCK_SKEW_MS, batchAppendSize: Number.MAX_SAFE_INTEGER };
}

/** Credentials of a call make the client use a plain append. */
function plainAppends({ credentials, tls }: ConnectionSettings): AppendToStreamOptions {
  if (credentials !== null) return { credentials };
  if (tls === null) return { credentials: UNUSED };
  throw new LogClientError(
    'not_handled',
    'A second connection of one process needs credentials in its connection string',
  );
}

function mayBeLost({ failure }: LogClientError): boolean {
  return failure === 'unknown' || failure === 'no_answer' || failure === 'not_handled';
}
