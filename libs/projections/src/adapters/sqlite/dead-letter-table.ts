import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { DeadLetter, DeadLetterCursor, DeadLetterPage, EventRef } from '../../dead-letter.ts';
import { integer, text } from '../columns.ts';
import { toDeadLetter } from '../dead-letter-row.ts';
import { pageOfRows } from '../page-of-rows.ts';

/** Its table has another name than its concept: files on disk contain the name, so it stays. */
export const DEAD_LETTER_SCHEMA = `
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

/** The dead letters of one version of a projection. Changes are part of the caller's transaction. */
export class DeadLetterTable {
  readonly #db: DatabaseSync;
  readonly #add: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#add = db.prepare('INSERT OR REPLACE INTO held_events VALUES (?, ?, ?, ?, ?, ?, ?)');
  }

  add({ position, key, stream, revision, type, effectiveAt, error }: DeadLetter): void {
    this.#add.run(position, key, stream, revision, type, effectiveAt, error);
  }

  removeAll(): void {
    this.#db.exec('DELETE FROM held_events');
  }

  count(): number {
    return integer(this.#db.prepare('SELECT count(*) AS n FROM held_events').get() ?? {}, 'n');
  }

  /** All of them in log order. */
  all(): DeadLetter[] {
    return this.#db.prepare('SELECT * FROM held_events ORDER BY position').all().map(toDeadLetter);
  }

  page(cursor: DeadLetterCursor, size: number): DeadLetterPage {
    const forward = 'after' in cursor;
    const position = forward ? (cursor.after ?? '') : cursor.before;
    const found = this.#db
      .prepare(
        `SELECT * FROM held_events WHERE position ${forward ? '>' : '<'} ?
         ORDER BY position ${forward ? 'ASC' : 'DESC'} LIMIT ?`,
      )
      .all(position, size + 1);
    return pageOfRows(found, { cursor, size }, toDeadLetter);
  }

  find({ stream, revision }: EventRef): DeadLetter | null {
    const row = this.#db
      .prepare('SELECT * FROM held_events WHERE stream = ? AND revision = ?')
      .get(stream, revision);
    return row === undefined ? null : toDeadLetter(row);
  }

  /** Keys of states that have a dead letter, each once. */
  keys(): Set<string> {
    const rows = this.#db.prepare('SELECT DISTINCT key FROM held_events').all();
    return new Set(rows.map((row) => text(row, 'key')));
  }
}
