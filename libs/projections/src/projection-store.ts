import type { Checkpoint } from './checkpoint.ts';
import type { EventPlace, HeldEvent } from './dead-letter.ts';

/** What a runner has to pass over: keys that wait behind an event set aside, and events skipped for good. */
export interface Holdings {
  readonly heldKeys: ReadonlySet<string>;
  readonly skipped: readonly EventPlace[];
}

/** What one commit sets aside, and whether what had been set aside before is let go. */
export interface HoldingChanges {
  readonly hold: readonly HeldEvent[];
  readonly releaseAll?: boolean;
}

/** States by key, null where nothing is to be kept; each key once, best in order of keys. To be read once. */
export type Changes<State> = Iterable<readonly [key: string, state: State | null]>;

/** Where one version of a projection keeps its rows and its checkpoint, which only ever change together. */
export interface ProjectionStore<State> {
  checkpoint(): Promise<Checkpoint>;
  /** Of the same version as the last `checkpoint`. */
  holdings(): Promise<Holdings>;

  /** States of the keys that have one. */
  load(keys: readonly string[]): Promise<Map<string, State>>;

  /**
   * Writes states (null where nothing is to be kept), holdings and checkpoint in one transaction, if the checkpoint
   * still stands at `expected` and the version is still in use. Answers false, having written nothing, when another
   * owner has moved it.
   */
  commit(
    expected: Checkpoint,
    next: Checkpoint,
    changes: Changes<State>,
    holding?: HoldingChanges,
  ): Promise<boolean>;

  /** Notes why the projection is down, null when it no longer is; shown to operators, of no other effect. */
  reportDown(reason: string | null): Promise<void>;
}
