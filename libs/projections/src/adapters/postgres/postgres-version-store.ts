import type { Position } from '#event-store';
import type { Database, Queries, TransactionKind } from '#postgres';
import type { EventRef } from '../../dead-letter.ts';
import type {
  Changes,
  Checkpoint,
  DeadLetterChanges,
  DeadLetters,
  ProjectionStore,
} from '../../projection-store.ts';
import type { PostgresTables } from './version-schema.ts';
import { advanceCheckpoint, readCheckpoint, writeDownReason } from './version-rows.ts';
import { readBlockedKeys, writeDeadLetters } from './dead-letter-rows.ts';

/** The schema of one version. */
export interface FoundVersion {
  readonly schema: string;
  /**
   * Returns whether the state of the version is still the one that it was found for. For a live version, it also makes
   * the commit of the transaction tell all processes that the version has reached `position`.
   */
  readonly confirm: (queries: Queries, position: Position | null) => Promise<boolean>;
}

/** Every statement of a version finds its rows by key. */
const BY_INDEX = { enable_seqscan: 'off', jit: 'off' } as const;

/** The rows of one version. Each call of `checkpoint` finds the version again. */
export class PostgresVersionStore<State> implements ProjectionStore<State> {
  readonly #database: Database;
  readonly #tables: PostgresTables<State>;
  readonly #find: () => Promise<FoundVersion>;
  readonly #skipped: () => Promise<EventRef[]>;
  readonly #commits: TransactionKind;
  #found: FoundVersion | null = null;

  /** @param commits kind of their transactions */
  constructor(
    database: Database,
    tables: PostgresTables<State>,
    find: () => Promise<FoundVersion>,
    skipped: () => Promise<EventRef[]>,
    commits: TransactionKind,
  ) {
    this.#database = database;
    this.#tables = tables;
    this.#find = find;
    this.#skipped = skipped;
    this.#commits = commits;
  }

  async checkpoint(): Promise<Checkpoint> {
    this.#found = await this.#find();
    return readCheckpoint(this.#database, this.#found.schema);
  }

  async deadLetters(): Promise<DeadLetters> {
    const { schema } = await this.#version();
    return {
      blockedKeys: await readBlockedKeys(this.#database, schema),
      skipped: await this.#skipped(),
    };
  }

  async load(keys: readonly string[]): Promise<Map<string, State>> {
    const { schema } = await this.#version();
    return this.#database.transaction(
      'snapshot',
      (queries) => this.#tables.load(queries, schema, keys),
      BY_INDEX,
    );
  }

  async commit(
    expected: Checkpoint,
    next: Checkpoint,
    changes: Changes<State>,
    deadLetters: DeadLetterChanges = { added: [] },
  ): Promise<boolean> {
    const { schema, confirm } = await this.#version();
    return this.#database
      .transaction(
        this.#commits,
        async (queries) => {
          // In this order: a switch holds the checkpoint while it changes the state of the version.
          if (!(await advanceCheckpoint(queries, schema, expected, next))) return false;
          if (!(await confirm(queries, next.position))) throw new NotInUse();
          await this.#tables.save(queries, schema, changes);
          await writeDeadLetters(queries, schema, deadLetters);
          return true;
        },
        BY_INDEX,
      )
      .catch((error: unknown) => {
        if (error instanceof NotInUse) return false;
        throw error;
      });
  }

  async reportDown(reason: string | null): Promise<void> {
    const { schema } = await this.#version();
    await writeDownReason(this.#database, schema, reason);
  }

  async #version(): Promise<FoundVersion> {
    this.#found ??= await this.#find();
    return this.#found;
  }
}

/** Rolls back a commit to a version that is no longer in use. */
class NotInUse extends Error {}
