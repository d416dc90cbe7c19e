import type { Checkpoint } from './checkpoint.ts';

/** Where one version of a projection keeps its rows and its checkpoint, which only ever change together. */
export interface ProjectionStore<State> {
  checkpoint(): Promise<Checkpoint>;

  /** States of the keys that have one. */
  load(keys: readonly string[]): Promise<Map<string, State>>;

  /**
   * Writes rows and checkpoint in one transaction, if the checkpoint still stands at `expected`.
   * Answers false, having written nothing, when another owner has moved it.
   */
  commit(
    expected: Checkpoint,
    next: Checkpoint,
    changes: ReadonlyMap<string, State | null>,
  ): Promise<boolean>;
}
