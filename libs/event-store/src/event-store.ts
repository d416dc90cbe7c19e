import type { NewEvent, RecordedEvent } from './envelope.ts';
import type { LogOwnerStore } from './log-owner.ts';
import type { Position } from './position.ts';
import type { Snapshot, SnapshotStore } from './snapshot-store.ts';
import type { StoreHealth } from './store-health.ts';

/** Revision that a stream must have for an append to succeed. An "any" is left out on purpose. */
export type ExpectedRevision = number | 'no_stream';

/** One append as a value. */
export interface StreamAppend {
  readonly stream: string;
  readonly expectedRevision: ExpectedRevision;
  readonly events: readonly NewEvent[];
}

/** Revision and position of the last event of an append. */
export interface AppendResult {
  readonly revision: number;
  readonly position: Position;
}

export interface ReadStreamOptions {
  /** First revision to read; by default the first one, or the last one of a read backwards. */
  readonly from?: number;
  readonly limit?: number;
  /** Whether to read the newest event first; false by default. */
  readonly backwards?: boolean;
}

/** A stream as a command loads it: its snapshot, if any, and the events after it. */
export interface StoredStream {
  readonly snapshot: Snapshot | null;
  readonly events: readonly RecordedEvent[];
  /** Whether these are all events up to the end of the stream. If not, read on after the last of them. */
  readonly isComplete: boolean;
}

export interface ReadAllOptions {
  /** Read the events after this position; the whole log by default. */
  readonly after?: Position | null;
  readonly limit?: number;
}

export interface SubscribeOptions {
  /** Deliver the events after this position; the whole log by default. */
  readonly after?: Position | null;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal;
  /** Deliver only these event types; the others appear as checkpoints. All by default. */
  readonly types?: readonly string[];
}

/**
 * A message of a subscription. Messages come in one order:
 * - `checkpoint`: every event up to its position has been delivered or filtered out; `eventId` is that of the event at
 *   the position, where it is known
 * - `caughtUp`: the subscription has reached the end that the log had when this was sent. It comes again each time
 *   the subscription has fallen behind and reached the end
 *
 * The position of the last two is null only while the log is empty.
 */
export type SubscriptionMessage =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'checkpoint'; readonly position: Position | null; readonly eventId?: string }
  | { readonly kind: 'caughtUp'; readonly position: Position | null };

/**
 * An iterator that can also return items that have already arrived, without a promise for each: with thousands of
 * messages the promises cost more than the messages.
 */
export interface ReadyIterator<T> extends AsyncIterator<T, undefined> {
  /** The items that `next` would return without waiting: at most `most`, possibly none. */
  ready(max: number): T[];
}

/** When and where an epoch replaced a former one. */
export interface EpochStart {
  /** Of the store's clock, in milliseconds since 1970; later than the start of each former epoch. */
  readonly time: number;
  /** The end of the log at that time; null where the log was empty. */
  readonly position: Position | null;
}

/** The event store port. One contract suite (`test/contract`) runs against every adapter. */
export interface EventStore {
  /** Short id of the log. Positions are valid only together with it. A log that was restored gets a new one. */
  readonly epoch: string;

  /** Epochs that the log had before. */
  readonly formerEpochs: readonly string[];

  /** Start of the epoch; null for the first epoch of a log. */
  readonly epochStart: EpochStart | null;

  /** Whether the store answers and can be written, as far as this process knows, and since when. */
  readonly health: StoreHealth;

  /**
   * Appends all of `events` or none to the end of `stream`; they are durable when the promise resolves. Repeated
   * with the same ids and the same expected revision it writes nothing and returns the first result.
   *
   * @throws WrongExpectedRevisionError when the stream has another revision
   * @throws AppendOutcomeUnknownError when the events may or may not have been written: repeat the append unchanged
   * @throws EventStoreUnavailableError when the events were certainly not written
   * @throws EventStoreUnwritableError as well, when the store can be reached but not written
   */
  append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<AppendResult>;

  /**
   * Appends to several streams in one transaction: everything, in the given order, or nothing. Repeated unchanged
   * it writes nothing and returns the first result. Adapters without such transactions omit it.
   *
   * @returns the result of the last append
   * @throws as {@link append}
   */
  appendMany?(appends: readonly StreamAppend[]): Promise<AppendResult>;

  /** Events of one stream in order, or in reverse order; none if the stream does not exist. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<RecordedEvent>;

  /**
   * Loads several streams, in the given order, each as of some moment after the call. One read for many streams costs a
   * fraction of a read for each. Adapters without such reads omit it.
   *
   * @param snapshotVersion snapshots of another version are ignored
   */
  loadStreams?(streams: readonly string[], snapshotVersion: number): Promise<StoredStream[]>;

  /** Events of the whole log in order, up to the end it has at some moment after the call. */
  readAll(options?: ReadAllOptions): AsyncIterable<RecordedEvent>;

  /**
   * Delivers the log from a position on, then live, until aborted. A slow consumer does not slow down others.
   *
   * @throws EventStoreUnavailableError when the connection is lost: subscribe again from the last position handled
   */
  subscribe(options?: SubscribeOptions): AsyncIterable<SubscriptionMessage>;

  /** Position of the last event, null while the log is empty. */
  head(): Promise<Position | null>;

  /** Id of the event at a position; null if there is none. */
  eventIdAt(position: Position): Promise<string | null>;

  /** False once another process has renewed the epoch or replaced the log: open the store again. */
  isCurrent(): Promise<boolean>;

  /**
   * Gives the log a new epoch and invalidates its snapshots, unless it has another epoch than `former` by now. Open the
   * store again afterwards: this one keeps the epoch that it was opened with.
   *
   * @throws EventStoreUnavailableError
   */
  renewEpoch(former: string): Promise<void>;

  readonly snapshots: SnapshotStore;

  /** Who may write to the log. Adapters whose log is in the data folder itself omit it. */
  readonly owner?: LogOwnerStore;

  /** Ends subscriptions, completes pending appends and releases all resources. */
  close(): Promise<void>;
}

/** The read-only part of an {@link EventStore}. */
export type EventLog = Omit<
  EventStore,
  'health' | 'append' | 'appendMany' | 'loadStreams' | 'renewEpoch' | 'snapshots' | 'owner'
>;
