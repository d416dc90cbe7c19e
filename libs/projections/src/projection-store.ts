import type { Position, SeenEvent } from '#event-store';
import type { DeadLetter, EventRef } from './dead-letter.ts';

/** How far a projection has come. Position and time are null before the first event. */
export interface Checkpoint {
  readonly position: Position | null;
  /** Effective time of the event at the position, ISO 8601. */
  readonly effectiveAt: string | null;
  /** Increases when rows change without a change of position, so that the holder of an older checkpoint reloads. */
  readonly generation: number;
  /** The last event up to the position. Null before the first, and where an earlier version did not keep its id. */
  readonly lastEvent: SeenEvent | null;
}

export const START: Checkpoint = {
  position: null,
  effectiveAt: null,
  generation: 0,
  lastEvent: null,
};

/** Returns whether two checkpoints are of the same commit. */
export function isSameCheckpoint(a: Checkpoint, b: Checkpoint): boolean {
  return a.position === b.position && a.generation === b.generation;
}

/** The keys and events that a runner passes over. */
export interface DeadLetters {
  /** Keys that have dead letters: their later events become dead letters, too. */
  readonly blockedKeys: ReadonlySet<string>;
  /** Events that an operator has skipped for good. */
  readonly skipped: readonly EventRef[];
}

export interface DeadLetterChanges {
  readonly added: readonly DeadLetter[];
  /** Removes all earlier dead letters first. */
  readonly removeOthers?: boolean;
}

/**
 * States by key, null to delete. Each key occurs once, best in order of keys. Iterate only once. `before` is the state that
 * is written so far, where it is known: parts that both states share by reference need not be written again.
 */
export type Changes<State> = Iterable<
  readonly [key: string, state: State | null, before?: State | null]
>;

/** The rows and the checkpoint of one version of a projection. They change only together. */
export interface ProjectionStore<State> {
  checkpoint(): Promise<Checkpoint>;
  /** The dead letters of the version that the last `checkpoint` came from. */
  deadLetters(): Promise<DeadLetters>;

  /** States of those keys that have one. */
  load(keys: readonly string[]): Promise<Map<string, State>>;

  /**
   * Writes states, dead letters and checkpoint in one transaction, if the checkpoint is still `expected` and the
   * version still in use. Otherwise writes nothing and returns false.
   */
  commit(
    expected: Checkpoint,
    next: Checkpoint,
    changes: Changes<State>,
    deadLetters?: DeadLetterChanges,
  ): Promise<boolean>;

  /** Records for operators why the projection is down; null when it no longer is. */
  reportDown(reason: string | null): Promise<void>;
}
