import type { Position } from '#event-store';
import type { EventPlace, HeldEvent } from './dead-letter.ts';
import type { ProjectionStore } from './projection-store.ts';

/** `live` answers reads; `building` is being rebuilt; `kept` was live before, and can be again. */
export type VersionState = 'live' | 'building' | 'kept';

/** How one version of a projection stands. */
export interface VersionStatus {
  readonly version: number;
  readonly state: VersionState;
  readonly position: string | null;
  /** When the checkpoint last moved, ISO 8601 by the clock of the machine. */
  readonly movedAt: string | null;
  /** Why its runner is down, null while it is not. */
  readonly downReason: string | null;
  readonly downSince: string | null;
  /** Events set aside, those that only wait behind others included. */
  readonly heldEvents: number;
}

/** A version that is there, but not in the state that the operation needs. */
export class VersionStateError extends Error {
  override readonly name = 'VersionStateError';
  readonly code = 'PROJECTION.VERSION_STATE';
}

/** The versions of one projection: which there are, and which of them answers. */
export interface ProjectionVersions<State> {
  /** The version that is live whenever it is used: its `checkpoint` follows a switch made anywhere. */
  live(): ProjectionStore<State>;
  status(): Promise<VersionStatus[]>;
  /** The version under construction, made where there is none. */
  building(): Promise<{ readonly version: number; readonly rows: ProjectionStore<State> }>;
  /** @throws VersionStateError when there is no such version */
  open(version: number): Promise<ProjectionStore<State>>;
  /**
   * Makes a version live. While nobody can move the version that is live now, `drain` must bring the other to at
   * least where that stands; so no reader is ever taken back.
   *
   * @throws VersionStateError when the version is live already or not there, or another switch came first
   */
  switchTo(version: number, drain: () => Promise<void>): Promise<void>;
  /** @throws VersionStateError when the version is live or not there */
  drop(version: number): Promise<void>;
  /** The live version, frozen as it is now, beside a place to rebuild it into. */
  verification(): Promise<Verification<State>>;

  /** Events that the live version has set aside, in log order. */
  held(): Promise<HeldEvent[]>;
  /** Makes every version pass over an event for good, rebuilds included. */
  skip(place: EventPlace): Promise<void>;
}

/** One row that is not as a rebuild has it. */
export interface RowDifference {
  readonly table: string;
  readonly key: string;
  /** `missing` and `surplus` are said of the live version. */
  readonly kind: 'different' | 'missing' | 'surplus';
  readonly columns: readonly {
    readonly column: string;
    readonly live: string;
    readonly rebuilt: string;
  }[];
}

export interface ComparedRows {
  readonly rows: number;
  /** SHA-256 over all rows of the projection's tables, in order. */
  readonly liveHash: string;
  readonly rebuiltHash: string;
}

/** A live version at one moment, and a rebuild of it up to the same place. */
export interface Verification<State> {
  /** Where the live version stood; the rebuild must be brought exactly here. */
  readonly position: Position | null;
  /** How many events the live version had set aside: so many it knows that it lacks. */
  readonly heldEvents: number;
  readonly rows: ProjectionStore<State>;
  /** Row by row: yields each difference, returns the summary. */
  compare(): Generator<RowDifference, ComparedRows>;
  close(): void;
}
