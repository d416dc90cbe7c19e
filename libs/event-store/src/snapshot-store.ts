import type { Position } from './position.ts';

/** State of one stream at a revision, so that a command need not read the stream from its beginning. */
export interface Snapshot {
  /** Shape of `state`: a snapshot of another version is as good as none. */
  readonly version: number;
  readonly revision: number;
  readonly position: Position;
  readonly state: unknown;
}

/** Snapshots stand outside the log: disposable, never projected, never exported. The latest of a stream wins. */
export interface SnapshotStore {
  load(stream: string): Promise<Snapshot | null>;
  save(stream: string, snapshot: Snapshot): Promise<void>;
}
