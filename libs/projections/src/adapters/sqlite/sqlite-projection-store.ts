import type { Checkpoint } from '../../checkpoint.ts';
import type { ProjectionStore } from '../../projection-store.ts';
import type { ProjectionDatabase } from './projection-database.ts';

/** How the states of one projection become rows of one version, and back. */
export interface SqliteTables<State> {
  load(keys: readonly string[]): Map<string, State>;
  save(changes: ReadonlyMap<string, State | null>): void;
}

/** One version of a projection in a {@link ProjectionDatabase}. */
export class SqliteProjectionStore<State> implements ProjectionStore<State> {
  readonly #database: ProjectionDatabase;
  readonly #name: string;
  readonly #version: number;
  readonly #tables: SqliteTables<State>;

  constructor(
    database: ProjectionDatabase,
    name: string,
    version: number,
    tables: SqliteTables<State>,
  ) {
    this.#database = database;
    this.#name = name;
    this.#version = version;
    this.#tables = tables;
  }

  checkpoint(): Promise<Checkpoint> {
    return Promise.resolve(this.#database.checkpoint(this.#name, this.#version));
  }

  load(keys: readonly string[]): Promise<Map<string, State>> {
    return Promise.resolve(this.#database.read(() => this.#tables.load(keys)));
  }

  commit(
    expected: Checkpoint,
    next: Checkpoint,
    changes: ReadonlyMap<string, State | null>,
  ): Promise<boolean> {
    const moved = this.#database.write(() => {
      if (!this.#database.advance(this.#name, this.#version, expected, next)) return false;
      this.#tables.save(changes);
      return true;
    });
    return Promise.resolve(moved);
  }
}
