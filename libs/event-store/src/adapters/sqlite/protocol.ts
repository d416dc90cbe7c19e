import type { Epochs } from './file-format.ts';

/**
 * Messages between the store and its writer thread. They are tuples of strings and numbers, because copying those
 * between threads costs a fraction of copying objects. Requests are answered in the order in which they were sent.
 */

/** An event with its payload and metadata as JSON text. */
export type EventTuple = readonly [
  id: string,
  type: string,
  schemaVersion: number,
  data: string,
  metadata: string,
];

/** One append. `expected`, like the revisions in answers, is -1 for a stream that does not exist. */
export type AppendTuple = readonly [
  stream: string,
  expected: number,
  events: readonly EventTuple[],
];

/** Several appends, executed in order: all or none. */
export type AppendRequest = readonly [kind: 'append', ...appends: readonly AppendTuple[]];

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
  /** Revision and row number of the last event. */
  | readonly [kind: 'appended', revision: number, row: number]
  /** `index` is that of the conflicting append in its request. */
  | readonly [kind: 'conflict', actual: number, index: number]
  | readonly [kind: 'saved']
  /** Certainly not written. */
  | readonly [kind: 'refused', reason: string]
  /** Certainly not written, because nothing can be written at present. */
  | readonly [kind: 'unwritable', reason: string]
  /** The commit failed: the request may or may not have been written. */
  | readonly [kind: 'unknown', reason: string];

/** Requests for the writer thread; `close` makes it finish the requests it has and end. */
export type WriterInput = readonly WriteRequest[] | 'close';

export type WriterOutput =
  | { readonly kind: 'opened'; readonly epochs: Epochs }
  /** The thread ends after this. */
  | { readonly kind: 'failed'; readonly unsupported: boolean; readonly reason: string }
  /** Nothing can be written from now on; `reason` is null once it can be written again. */
  | { readonly kind: 'fault'; readonly reason: string | null }
  | { readonly kind: 'answers'; readonly answers: readonly Answer[] };

export interface WriterOptions {
  readonly path: string;
  readonly busyTimeoutMs: number;
  /** Incremented and notified after every message. The thread waits on it. */
  readonly wakeCounter: Int32Array<SharedArrayBuffer>;
}
