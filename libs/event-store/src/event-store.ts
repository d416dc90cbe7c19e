import type { NewEvent, RecordedEvent } from './envelope.ts';
import type { Position } from './position.ts';
import type { Snapshot, SnapshotStore } from './snapshot-store.ts';

/** Revision that a stream must have for an append to succeed. There is deliberately no "any". */
export type ExpectedRevision = number | 'no_stream';

/** One append as a value, for where several are handed on together. */
export interface StreamAppend {
  readonly stream: string;
  readonly expectedRevision: ExpectedRevision;
  readonly events: readonly NewEvent[];
}

/** Where an append landed: of its last event. */
export interface AppendResult {
  readonly revision: number;
  readonly position: Position;
}

export interface ReadStreamOptions {
  /** First revision to read; 0 by default. */
  readonly from?: number;
  readonly limit?: number;
}

/** A stream as a command finds it: its snapshot, and what stands after it, or from the beginning. */
export interface StoredStream {
  readonly snapshot: Snapshot | null;
  readonly events: readonly RecordedEvent[];
}

export interface ReadAllOptions {
  /** Read what stands after this place; the whole log by default. */
  readonly after?: Position | null;
  readonly limit?: number;
}

export interface SubscribeOptions {
  /** Deliver what stands after this place; the whole log by default. */
  readonly after?: Position | null;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal;
  /** Deliver only these event types; places of others come as checkpoints. All by default. */
  readonly types?: readonly string[];
}

/**
 * One ordered sequence: everything up to a `checkpoint` has been delivered or filtered out, and `caughtUp` says
 * that the subscription has reached what was the end of the log when it was sent. Both carry null only while the
 * log is empty. `caughtUp` comes again each time that the subscription has fallen behind and reached the end.
 */
export type SubscriptionMessage =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | { readonly kind: 'checkpoint'; readonly position: Position | null }
  | { readonly kind: 'caughtUp'; readonly position: Position | null };

/**
 * An iterator that can also hand out at once what has arrived already: where messages come by the thousand, a
 * promise for each costs more than the message.
 */
export interface ReadyIterator<T> extends AsyncIterator<T, undefined> {
  /** What `next` would give without waiting: at most `most` items, perhaps none. */
  ready(most: number): T[];
}

/** The log. One contract suite (`test/contract`) runs against every adapter. */
export interface EventStore {
  /** Short id, made with the store and never changed: positions mean something only together with it. */
  readonly epoch: string;

  /**
   * Appends all of `events` or none, durably, at the end of `stream`. Repeated with the same ids and the same
   * expected revision it writes nothing and answers as the first time.
   *
   * @throws WrongExpectedRevisionError when the stream stands elsewhere
   * @throws AppendOutcomeUnknownError when it may or may not have been written: repeat it unchanged
   * @throws EventStoreUnavailableError when it was surely not written
   */
  append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<AppendResult>;

  /**
   * Carries out several appends in one transaction: all of them, in the order given, or none. Left out by
   * adapters whose store has nothing of the kind. Repeated unchanged it writes nothing and answers as the first
   * time.
   *
   * @returns where the last of them landed
   * @throws as {@link append}
   */
  appendMany?(appends: readonly StreamAppend[]): Promise<AppendResult>;

  /** Events of one stream in order; none when the stream does not exist. */
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<RecordedEvent>;

  /**
   * Several streams to their ends, in the order asked for, each as of some moment after the call: one read for
   * many costs a fraction of one for each. Left out by adapters whose store has nothing of the kind.
   *
   * @param snapshotVersion snapshots of another version are passed over
   */
  loadStreams?(streams: readonly string[], snapshotVersion: number): Promise<StoredStream[]>;

  /** Events of the whole log in order, up to its end at some moment after the call. */
  readAll(options?: ReadAllOptions): AsyncIterable<RecordedEvent>;

  /**
   * The log from a place on and then live, until aborted. A consumer that is slow slows only itself.
   *
   * @throws EventStoreUnavailableError when the connection is lost: subscribe again from the last place handled
   */
  subscribe(options?: SubscribeOptions): AsyncIterable<SubscriptionMessage>;

  /** Place of the last event, null while the log is empty. */
  head(): Promise<Position | null>;

  readonly snapshots: SnapshotStore;

  /** Ends subscriptions, finishes appends under way and lets go of everything. */
  close(): Promise<void>;
}

/** The log as those see it who only read it. */
export type EventLog = Omit<EventStore, 'append' | 'appendMany' | 'loadStreams' | 'snapshots'>;
