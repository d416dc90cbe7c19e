import type { Position } from '#event-store';
import type { EventRef, DeadLetter, DeadLetterCursor, DeadLetterPage } from './dead-letter.ts';
import type { ProjectionStore } from './projection-store.ts';

/** `live` answers reads; `building` is being rebuilt; `kept` was live before and can be switched to. */
export type VersionState = 'live' | 'building' | 'kept';

/** Status of one version of a projection. */
export interface VersionStatus {
  readonly version: number;
  readonly state: VersionState;
  readonly position: string | null;
  /** When the checkpoint last moved, ISO 8601, by the clock of the machine. */
  readonly movedAt: string | null;
  /** Why the runner is down; null while it is not. */
  readonly downReason: string | null;
  readonly downSince: string | null;
  /** Number of dead letters, including those that only wait for another. */
  readonly deadLetters: number;
}

/** The version is missing, or in a state that does not allow the operation. */
export class VersionStateError extends Error {
  override readonly name = 'VersionStateError';
  readonly code = 'PROJECTION.VERSION_STATE';
}

/** The versions of one projection. */
export interface ProjectionVersions<State> {
  /** The live version. Each call of its `checkpoint` follows a switch made by any process. */
  live(): ProjectionStore<State>;
  status(): Promise<VersionStatus[]>;
  /** Returns the version under construction. Creates one if there is none. */
  findOrCreateBuilding(): Promise<{
    readonly version: number;
    readonly store: ProjectionStore<State>;
  }>;
  /** @throws VersionStateError when the version does not exist */
  open(version: number): Promise<ProjectionStore<State>>;
  /**
   * Makes a version live. Locks the current live version, then calls `catchUpToEnd`, which must bring the other version to
   * at least the same position: so no reader ever goes back.
   *
   * @throws VersionStateError when the version is already live or does not exist, or another switch came first
   */
  switchTo(version: number, catchUpToEnd: () => Promise<void>): Promise<void>;
  /** @throws VersionStateError when the version is live or does not exist */
  drop(version: number): Promise<void>;
  /** A snapshot of the live version beside an empty version to rebuild. */
  verification(): Promise<Verification<State>>;

  /** Dead letters of the live version, in log order. */
  deadLetters(): Promise<DeadLetter[]>;
  /** A page of them. */
  deadLetterPage(cursor: DeadLetterCursor, size: number): Promise<DeadLetterPage>;
  /** The dead letter of an event; null if it is none. */
  deadLetter(event: EventRef): Promise<DeadLetter | null>;
  /** Skips an event for good in every version, including later rebuilds. */
  skip(event: EventRef): Promise<void>;
}

/** A row that differs between the live version and a rebuild. */
export interface RowDifference {
  readonly table: string;
  readonly key: string;
  /** `missing` and `surplus` describe the live version. */
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

/** A snapshot of a live version, to be compared with a rebuild up to the same position. */
export interface Verification<State> {
  /** Position of the live version. Bring the rebuild exactly here. */
  readonly position: Position | null;
  /** Number of dead letters: events that the live version is known to lack. */
  readonly deadLetters: number;
  readonly store: ProjectionStore<State>;
  /** Yields each difference, then returns the summary. Throws the reason of the signal once that is aborted. */
  compare(signal?: AbortSignal): AsyncGenerator<RowDifference, ComparedRows>;
  close(): Promise<void>;
}
