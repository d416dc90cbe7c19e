/**
 * What the store and its writer thread say to each other. Tuples of strings and numbers, because copying them
 * between threads costs a fraction of copying objects. Requests are answered in the order in which they were sent.
 */

/** An event with its payload already written out as JSON. */
export type EncodedEvent = readonly [
  id: string,
  type: string,
  schemaVersion: number,
  data: string,
  metadata: string,
];

/** `expected` and the revisions in answers are -1 for a stream that does not exist. */
export type EncodedAppend = readonly [
  stream: string,
  expected: number,
  events: readonly EncodedEvent[],
];

/** All of the appends, in order, or none. */
export type AppendRequest = readonly [kind: 'append', ...appends: readonly EncodedAppend[]];

export type SnapshotRequest = readonly [
  kind: 'snapshot',
  stream: string,
  version: number,
  revision: number,
  position: string,
  state: string,
];

export type WriteRequest = AppendRequest | SnapshotRequest;

export type Answer =
  /** Of the last event. */
  | readonly [kind: 'appended', revision: number, row: number]
  /** `index`: of the append that does not fit. */
  | readonly [kind: 'conflict', actual: number, index: number]
  | readonly [kind: 'saved']
  /** Surely not written. */
  | readonly [kind: 'refused', reason: string]
  /** The commit failed: it may or may not have been written. */
  | readonly [kind: 'unknown', reason: string];

/** A list of requests, or the wish that the thread finishes what it has and ends. */
export type ToWriter = readonly WriteRequest[] | 'close';

export type FromWriter =
  | { readonly kind: 'opened'; readonly epoch: string }
  /** The thread ends after this. */
  | { readonly kind: 'failed'; readonly unsupported: boolean; readonly reason: string }
  | { readonly kind: 'answers'; readonly answers: readonly Answer[] };

export interface WriterOptions {
  readonly path: string;
  readonly busyTimeoutMs: number;
  /** Raised by one and notified after every message: the thread sleeps on it. */
  readonly doorbell: Int32Array<SharedArrayBuffer>;
}
