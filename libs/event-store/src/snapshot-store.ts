import type { Position } from './position.ts';

/** State of one stream at a revision. With it a command does not read the stream from its beginning. */
export interface Snapshot {
  /** Version of the shape of `state`. A snapshot of another version is ignored. */
  readonly version: number;
  readonly revision: number;
  readonly position: Position;
  readonly state: unknown;
}

/** Snapshots are outside the log: disposable, never projected, never exported. The latest of a stream wins. */
export interface SnapshotStore {
  load(stream: string): Promise<Snapshot | null>;
  save(stream: string, snapshot: Snapshot): Promise<void>;
}
