/** Place in the server's transaction log. Only events, and checkpoints while the server is live, have both alike. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** An event as a client library hands it out: nothing in it has been checked. */
export interface RawEvent {
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly revision: bigint;
  readonly position: LogPosition;
  readonly data: unknown;
  readonly metadata: unknown;
}

export interface RawNewEvent {
  readonly id: string;
  readonly type: string;
  readonly data: object;
  readonly metadata: object;
}

/** `any` is for snapshots alone: the server recognises a repeated append only by an expected revision. */
export type RawExpectedRevision = bigint | 'no_stream' | 'any';

/** What a subscription gives, in the order of the log. */
export type RawMessage =
  | { readonly kind: 'event'; readonly event: RawEvent }
  | { readonly kind: 'checkpoint'; readonly position: LogPosition }
  | { readonly kind: 'caughtUp' };

/** Applied by the server. Both are prefixes, so that more may come than is meant. */
export type LogFilter =
  { readonly streamPrefixes: readonly string[] } | { readonly eventTypes: readonly string[] };

export interface ReadRange<Place> {
  readonly from: Place;
  readonly direction: 'forwards' | 'backwards';
  readonly limit: number;
}

export interface SubscribeRange {
  /** Place of an event that was seen; the whole log where null. */
  readonly after: LogPosition | null;
  readonly filter: LogFilter;
  /** Ends the iteration without an error. */
  readonly signal: AbortSignal;
}

/**
 * All that the adapter needs of a client library, so that another one is another implementation of this. Every
 * method throws LogClientError and nothing else.
 */
export interface LogClient {
  append(
    stream: string,
    expectedRevision: RawExpectedRevision,
    events: readonly RawNewEvent[],
  ): Promise<{ readonly revision: bigint; readonly position: LogPosition }>;

  readStream(stream: string, range: ReadRange<bigint | 'start' | 'end'>): AsyncIterable<RawEvent>;

  /** The log from a place on, as it arrives: at least one event at a time. The signal ends it without an error. */
  readAhead(range: {
    readonly from: LogPosition | 'start';
    readonly signal: AbortSignal;
  }): AsyncIterable<readonly RawEvent[]>;

  /** The log before a place, backwards. */
  readBackwards(range: {
    readonly from: LogPosition | 'end';
    readonly limit: number;
  }): AsyncIterable<RawEvent>;

  /** An end that nobody asked for is an error. */
  subscribe(range: SubscribeRange): AsyncIterable<RawMessage>;

  /** Tells the server to keep only the last event of a stream. */
  keepLastEventOnly(stream: string): Promise<void>;

  dispose(): Promise<void>;
}

/**
 * - `wrong_revision`: the stream stands at `actual`
 * - `stream_not_found`
 * - `too_large`: the server takes no append of this size
 * - `too_slow`: the server dropped a subscription whose consumer did not keep up
 * - `not_handled`: the server, or the way to it, surely did nothing
 * - `unknown`: anything may have happened
 */
export type LogClientFailure =
  'wrong_revision' | 'stream_not_found' | 'too_large' | 'too_slow' | 'not_handled' | 'unknown';

/** What went wrong, in words that no client library owns. */
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
