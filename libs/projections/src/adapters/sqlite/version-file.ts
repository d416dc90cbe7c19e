import type { DatabaseSync } from 'node:sqlite';
import { START, type Checkpoint } from '../../checkpoint.ts';
import type { HeldEvent } from '../../dead-letter.ts';
import type { Changes, HoldingChanges } from '../../projection-store.ts';
import type { VersionStatus } from '../../projection-versions.ts';
import { integer, text, textOrNull, type SqlRow } from './columns.ts';
import { openDatabase } from './open-database.ts';
import { transaction } from './transaction.ts';

/** Tables of every version file beside the projection's own; comparisons leave them out. */
export const ENGINE_TABLES = ['checkpoint', 'held_events'] as const;

const SCHEMA = `
  CREATE TABLE checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    position TEXT,
    effective_at TEXT,
    generation INTEGER NOT NULL,
    moved_at TEXT,
    down_reason TEXT,
    down_since TEXT
  ) STRICT;
  INSERT INTO checkpoint (id, generation) VALUES (1, 0);
  CREATE TABLE held_events (
    position TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    type TEXT NOT NULL,
    effective_at TEXT NOT NULL,
    error TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX held_events_by_key ON held_events (key);
`;

/** How the states of one projection become rows of a version file, and back. */
export interface SqliteTables<State> {
  load(keys: readonly string[]): Map<string, State>;
  save(changes: Changes<State>): void;
}

/** What a projection brings along to be kept in SQLite. */
export interface SqliteDefinition<State> {
  readonly name: string;
  /** Statements that make its tables. */
  readonly schema: string;
  /** Statements that make the indexes that only reads of a live version need, each `IF NOT EXISTS`. */
  readonly indexes?: string;
  readonly tables: (db: DatabaseSync) => SqliteTables<State>;
}

/**
 * The file of one version of a projection. It is only a copy of what the log says, so it is synced to disk
 * lazily: after a loss of power it is consistent and catches up.
 */
export class VersionFile<State> {
  readonly db: DatabaseSync;
  readonly #indexes: string;
  readonly #tables: SqliteTables<State>;
  readonly #checkpoint;
  readonly #advance;
  readonly #hold;

  constructor(path: string, definition: SqliteDefinition<State>) {
    this.db = openDatabase(path);
    this.#indexes = definition.indexes ?? '';
    // Who only asks how a version stands does not wait for those who write it, which a rebuild does for seconds.
    if (!this.#hasTables()) {
      transaction(this.db, 'IMMEDIATE', () => {
        if (!this.#hasTables()) this.db.exec(SCHEMA + definition.schema);
      });
    }
    this.#tables = definition.tables(this.db);
    this.#checkpoint = this.db.prepare('SELECT * FROM checkpoint');
    this.#advance = this.db.prepare(
      `UPDATE checkpoint SET position = ?, effective_at = ?, generation = ?, moved_at = ?,
       down_reason = NULL, down_since = NULL WHERE position IS ? AND generation = ?`,
    );
    this.#hold = this.db.prepare('INSERT OR REPLACE INTO held_events VALUES (?, ?, ?, ?, ?, ?, ?)');
  }

  /** Makes the version fit to answer reads; to be called before it goes live. Quick where it is so already. */
  complete(): void {
    transaction(this.db, 'IMMEDIATE', () => this.db.exec(this.#indexes));
  }

  checkpoint(): Checkpoint {
    const row = this.#checkpoint.get();
    if (row === undefined) return START;
    return {
      position: textOrNull(row, 'position'),
      effectiveAt: textOrNull(row, 'effective_at'),
      generation: integer(row, 'generation'),
    };
  }

  status(): Omit<VersionStatus, 'version' | 'state'> {
    const row = this.#checkpoint.get() ?? {};
    const held = this.db.prepare('SELECT count(*) AS held FROM held_events').get() ?? {};
    return {
      position: textOrNull(row, 'position'),
      movedAt: textOrNull(row, 'moved_at'),
      downReason: textOrNull(row, 'down_reason'),
      downSince: textOrNull(row, 'down_since'),
      heldEvents: integer(held, 'held'),
    };
  }

  load(keys: readonly string[]): Map<string, State> {
    return this.read(() => this.#tables.load(keys));
  }

  /** Runs `body` with a view of one moment. */
  read<T>(body: () => T): T {
    return transaction(this.db, 'DEFERRED', body);
  }

  /** @param inUse asked while nobody else can write: false leaves everything as it was */
  commit(
    expected: Checkpoint,
    next: Checkpoint,
    changes: Changes<State>,
    { hold, releaseAll = false }: HoldingChanges,
    inUse: () => boolean,
  ): boolean {
    return transaction(this.db, 'IMMEDIATE', () => {
      if (!inUse()) return false;
      const moved = this.#advance.run(
        next.position,
        next.effectiveAt,
        next.generation,
        new Date().toISOString(),
        expected.position,
        expected.generation,
      );
      if (moved.changes !== 1) return false;
      this.#tables.save(changes);
      if (releaseAll) this.db.exec('DELETE FROM held_events');
      for (const e of hold) {
        this.#hold.run(e.position, e.key, e.stream, e.revision, e.type, e.effectiveAt, e.error);
      }
      return true;
    });
  }

  held(): HeldEvent[] {
    return this.db.prepare('SELECT * FROM held_events ORDER BY position').all().map(toHeldEvent);
  }

  heldKeys(): Set<string> {
    const rows = this.db.prepare('SELECT DISTINCT key FROM held_events').all();
    return new Set(rows.map((row) => text(row, 'key')));
  }

  reportDown(reason: string | null): void {
    this.db
      .prepare(
        `UPDATE checkpoint SET down_since = CASE WHEN ?1 IS NULL THEN NULL ELSE coalesce(down_since, ?2) END,
         down_reason = ?1`,
      )
      .run(reason, new Date().toISOString());
  }

  close(): void {
    if (this.db.isOpen) this.db.close();
  }

  #hasTables(): boolean {
    return this.db.prepare('SELECT count(*) AS tables FROM sqlite_master').get()?.['tables'] !== 0;
  }
}

function toHeldEvent(row: SqlRow): HeldEvent {
  return {
    key: text(row, 'key'),
    stream: text(row, 'stream'),
    revision: integer(row, 'revision'),
    position: text(row, 'position'),
    type: text(row, 'type'),
    effectiveAt: text(row, 'effective_at'),
    error: textOrNull(row, 'error'),
  };
}
