/** Position in the server's transaction log. Both parts are equal for events and for live checkpoints. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** An event as the client library returns it, unchecked. */
export interface RawEvent {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly revision: bigint;
  readonly position: LogPosition;
  /** When the server recorded it, in milliseconds since 1970; 0 if it did not say so. */
  readonly created: number;
  readonly data: unknown;
  readonly metadata: unknown;
}

export interface RawNewEvent {
  readonly id: string;
  readonly type: string;
  readonly data: object;
  readonly metadata: object;
}

/** `any` is for snapshots only: the server recognises a repeated append only by its expected revision. */
export type RawExpectedRevision = bigint | 'no_stream' | 'any';

/** A message of a subscription, in log order. */
export type RawMessage =
  | { readonly kind: 'event'; readonly event: RawEvent }
  | { readonly kind: 'checkpoint'; readonly position: LogPosition }
  | { readonly kind: 'caughtUp' };

/** A filter that the server applies. Both kinds are prefixes, so more events may come than are wanted. */
export type LogFilter =
  { readonly streamPrefixes: readonly string[] } | { readonly eventTypes: readonly string[] };

export interface ReadRange<From> {
  readonly from: From;
  readonly direction: 'forwards' | 'backwards';
  readonly limit: number;
}

export interface SubscribeRange {
  /** Position of an event that has been seen; null for the whole log. */
  readonly after: LogPosition | null;
  readonly filter: LogFilter;
  /** Ends the iteration without an error. */
  readonly signal: AbortSignal;
}

/**
 * Everything that the adapter needs from a client library. To use another library, implement this interface. Its
 * methods throw LogClientError only.
 */
export interface LogClient {
  append(
    stream: string,
    expectedRevision: RawExpectedRevision,
    events: readonly RawNewEvent[],
  ): Promise<{ readonly revision: bigint; readonly position: LogPosition }>;

  readStream(stream: string, range: ReadRange<bigint | 'start' | 'end'>): AsyncIterable<RawEvent>;

  /** Reads the log from a position on, in non-empty batches as they arrive. The signal ends it without an error. */
  readAhead(range: {
    readonly from: LogPosition | 'start';
    readonly signal: AbortSignal;
  }): AsyncIterable<readonly RawEvent[]>;

  /** Reads the log backwards from a position. */
  readBackwards(range: {
    readonly from: LogPosition | 'end';
    readonly limit: number;
  }): AsyncIterable<RawEvent>;

  /** Subscribes to the log. If the server ends the subscription, that is an error. */
  subscribe(range: SubscribeRange): AsyncIterable<RawMessage>;

  /** Tells the server to keep only the last event of a stream. */
  keepLastEventOnly(stream: string): Promise<void>;

  dispose(): Promise<void>;
}

/**
 * - `wrong_revision`: the stream has the revision `actual`
 * - `stream_not_found`
 * - `no_event_there`: a read of the log begins where no event does
 * - `too_large`: the server rejects an append of this size
 * - `too_slow`: the server dropped the subscription because its consumer did not keep up
 * - `refused`: the server does not let this client do it
 * - `no_answer`: the server gave up, or gave no answer in time; the request may have had an effect
 * - `not_handled`: the request certainly had no effect
 * - `unknown`: the request may have had an effect
 */
export type LogClientFailure =
  | 'wrong_revision'
  | 'stream_not_found'
  | 'no_event_there'
  | 'too_large'
  | 'too_slow'
  | 'refused'
  | 'no_answer'
  | 'not_handled'
  | 'unknown';

/** Error of a {@link LogClient}, independent of the client library. */
export class LogClientError extends Error {
  override readonly name = 'LogClientError';
  readonly failure: LogClientFailure;
  readonly actual: bigint | 'no_stream' | undefined;

  constructor(failure: LogClientFailure, message: string, actual?: bigint | 'no_stream') {
    super(message);
    this.failure = failure;
    this.actual = actual;
  }
}
