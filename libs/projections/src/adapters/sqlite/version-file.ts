import type { DatabaseSync } from 'node:sqlite';
import { QuietCheckpoint } from '#event-store/adapters/sqlite/quiet-checkpoint';
import { START, type Checkpoint } from '../../projection-store.ts';
import type { Changes, DeadLetterChanges } from '../../projection-store.ts';
import type { VersionStatus } from '../../projection-versions.ts';
import { integer, textOrNull } from '../columns.ts';
import { DEAD_LETTER_SCHEMA, DeadLetterTable } from './dead-letter-table.ts';
import { openDatabase } from './projection-registry.ts';
import { seenEvent } from '../seen-event.ts';
import { addSeenEventColumns } from './seen-event-columns.ts';
import { transaction } from './transaction.ts';

/** Tables of every version file besides the projection's own. Comparisons skip them. */
export const ENGINE_TABLES = ['checkpoint', 'held_events'] as const;

const SCHEMA = `
  CREATE TABLE checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    position TEXT,
    effective_at TEXT,
    generation INTEGER NOT NULL,
    moved_at TEXT,
    down_reason TEXT,
    down_since TEXT,
    event_position TEXT,
    event_id TEXT
  ) STRICT;
  INSERT INTO checkpoint (id, generation) VALUES (1, 0);
  ${DEAD_LETTER_SCHEMA}
`;

/** Maps the states of one projection to rows of a version file and back. */
export interface SqliteTables<State> {
  load(keys: readonly string[]): Map<string, State>;
  save(changes: Changes<State>): void;
}

/** The SQLite schema and mapping of one projection. */
export interface SqliteDefinition<State> {
  readonly name: string;
  /** Statements that create its tables. */
  readonly schema: string;
  /** Statements that create the indexes that only reads of a live version need, each `IF NOT EXISTS`. */
  readonly indexes?: string;
  readonly tables: (db: DatabaseSync) => SqliteTables<State>;
}

/**
 * The file of one version of a projection. It is synced to disk lazily, because the log has everything in it: after a
 * power failure the file is consistent and catches up.
 */
export class VersionFile<State> {
  readonly db: DatabaseSync;
  readonly deadLetters: DeadLetterTable;
  readonly #indexes: string;
  readonly #quietCheckpoint: QuietCheckpoint;
  readonly #tables: SqliteTables<State>;
  readonly #checkpoint;
  readonly #dataVersion;
  readonly #advance;
  /** Commits over this connection, whether they succeeded or not. */
  #commits = 0;

  constructor(path: string, definition: SqliteDefinition<State>) {
    this.db = openDatabase(path);
    this.#quietCheckpoint = new QuietCheckpoint(this.db);
    this.#indexes = definition.indexes ?? '';
    // Without this check, every reader would wait for the transactions of a rebuild, which take seconds.
    if (!this.#hasTables()) {
      transaction(this.db, 'IMMEDIATE', () => {
        if (!this.#hasTables()) this.db.exec(SCHEMA + definition.schema);
      });
    }
    addSeenEventColumns(this.db, 'checkpoint');
    this.#tables = definition.tables(this.db);
    this.#checkpoint = this.db.prepare('SELECT * FROM checkpoint');
    this.#dataVersion = this.db.prepare('PRAGMA data_version');
    this.#advance = this.db.prepare(
      `UPDATE checkpoint SET position = ?, effective_at = ?, generation = ?, moved_at = ?,
       event_position = ?, event_id = ?, down_reason = NULL, down_since = NULL WHERE position IS ? AND generation = ?`,
    );
    this.deadLetters = new DeadLetterTable(this.db);
  }

  /**
   * Call it before the version goes live. Where the indexes exist, it only reads: an explicit transaction would wait for
   * the lock of another process, on the thread that opens the version to answer a request.
   */
  createIndexes(): void {
    this.db.exec(this.#indexes);
  }

  checkpoint(): Checkpoint {
    const row = this.#checkpoint.get();
    if (row === undefined) return START;
    return {
      position: textOrNull(row, 'position'),
      effectiveAt: textOrNull(row, 'effective_at'),
      generation: integer(row, 'generation'),
      lastEvent: seenEvent(row),
    };
  }

  status(): Omit<VersionStatus, 'version' | 'state'> {
    const row = this.#checkpoint.get() ?? {};
    return {
      position: textOrNull(row, 'position'),
      movedAt: textOrNull(row, 'moved_at'),
      downReason: textOrNull(row, 'down_reason'),
      downSince: textOrNull(row, 'down_since'),
      deadLetters: this.deadLetters.count(),
    };
  }

  load(keys: readonly string[]): Map<string, State> {
    return this.read(() => this.#tables.load(keys));
  }

  /**
   * Returns a text that changes with every commit. Call it in {@link read}: rows that are read after it are current for as
   * long as it is the same. `data_version` counts only commits of others: https://www.sqlite.org/pragma.html#pragma_data_version
   */
  revision(): string {
    return `${integer(this.#dataVersion.get() ?? {}, 'data_version')}.${this.#commits}`;
  }

  /** Runs `body` on a snapshot. */
  read<T>(body: () => T): T {
    return transaction(this.db, 'DEFERRED', body);
  }

  /** @param isInUse called while no other process can write; if false, nothing is written */
  commit(
    expected: Checkpoint,
    next: Checkpoint,
    changes: Changes<State>,
    { added, removeOthers = false }: DeadLetterChanges,
    isInUse: () => boolean,
  ): boolean {
    this.#commits += 1;
    return transaction(this.db, 'IMMEDIATE', () => {
      if (!isInUse()) return false;
      const moved = this.#advance.run(
        next.position,
        next.effectiveAt,
        next.generation,
        new Date().toISOString(),
        next.lastEvent?.position ?? null,
        next.lastEvent?.id ?? null,
        expected.position,
        expected.generation,
      );
      if (moved.changes !== 1) return false;
      this.#tables.save(changes);
      if (removeOthers) this.deadLetters.removeAll();
      for (const letter of added) this.deadLetters.add(letter);
      return true;
    });
  }

  reportDown(reason: string | null): void {
    this.db
      .prepare(
        `UPDATE checkpoint SET down_since = CASE WHEN ?1 IS NULL THEN NULL ELSE coalesce(down_since, ?2) END,
         down_reason = ?1`,
      )
      .run(reason, new Date().toISOString());
  }

  /** Empties the write-ahead log at a quiet time; call it every `LOOK_EVERY_MS`. It may take long. */
  checkpointWhenQuiet(): void {
    this.#quietCheckpoint.look();
  }

  close(): void {
    if (this.db.isOpen) this.db.close();
  }

  #hasTables(): boolean {
    return this.db.prepare('SELECT count(*) AS tables FROM sqlite_master').get()?.['tables'] !== 0;
  }
}
