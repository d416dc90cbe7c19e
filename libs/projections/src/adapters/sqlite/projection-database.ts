import { DatabaseSync } from 'node:sqlite';
import { START, type Checkpoint } from '../../checkpoint.ts';
import { integer, text, textOrNull } from './columns.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS projections (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    live INTEGER NOT NULL,
    position TEXT,
    effective_at TEXT,
    PRIMARY KEY (name, version)
  ) STRICT;
`;

/** The file holds the projections of another event store. */
export class ForeignReadModelError extends Error {
  override readonly name = 'ForeignReadModelError';
  readonly code = 'READ_MODEL.FOREIGN';
}

/**
 * A SQLite file that holds projections: their rows in tables named `<projection>@v<n>_...`, their checkpoints
 * beside them. It is only a copy of what the log says, so it is synced to disk lazily: after a loss of power it
 * is consistent and catches up.
 */
export class ProjectionDatabase {
  readonly db: DatabaseSync;
  readonly #begin;
  readonly #beginWrite;
  readonly #commit;
  readonly #checkpoint;
  readonly #liveVersion;
  readonly #advance;

  /**
   * @param epoch of the event store that the projections are of
   * @throws ForeignReadModelError when the file holds those of another
   */
  constructor(path: string, epoch: string) {
    this.db = new DatabaseSync(path, { timeout: 5_000 });
    this.db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    this.#begin = this.db.prepare('BEGIN');
    this.#beginWrite = this.db.prepare('BEGIN IMMEDIATE');
    this.#commit = this.db.prepare('COMMIT');
    this.write(() => {
      this.db.exec(SCHEMA);
      this.#claim(path, epoch);
    });
    this.#checkpoint = this.db.prepare(
      'SELECT position, effective_at FROM projections WHERE name = ? AND version = ?',
    );
    this.#liveVersion = this.db.prepare(
      'SELECT version FROM projections WHERE name = ? AND live = 1',
    );
    this.#advance = this.db.prepare(
      'UPDATE projections SET position = ?, effective_at = ? WHERE name = ? AND version = ? AND position IS ?',
    );
  }

  /** Runs `body` with a view of one moment. */
  read<T>(body: () => T): T {
    this.#begin.run();
    return this.#within(body);
  }

  /** Runs `body` as the only writer; what it throws undoes it. */
  write<T>(body: () => T): T {
    this.#beginWrite.run();
    return this.#within(body);
  }

  /** Registers version 1 of a projection as the live one, unless a version is live; `create` makes its tables. */
  ensureLive(name: string, create: (version: number) => void): void {
    this.write(() => {
      if (this.#liveVersion.get(name) !== undefined) return;
      this.db.prepare('INSERT INTO projections (name, version, live) VALUES (?, 1, 1)').run(name);
      create(1);
    });
  }

  /** Version whose rows answer reads. Inside {@link read} it belongs to the same moment as they do. */
  liveVersion(name: string): number {
    const row = this.#liveVersion.get(name);
    if (row === undefined) throw new Error(`No version of ${name} is live`);
    return integer(row, 'version');
  }

  checkpoint(name: string, version: number): Checkpoint {
    const row = this.#checkpoint.get(name, version);
    if (row === undefined) return START;
    return { position: textOrNull(row, 'position'), effectiveAt: textOrNull(row, 'effective_at') };
  }

  /** Inside {@link write}: moves the checkpoint if it stands where expected. */
  advance(name: string, version: number, expected: Checkpoint, next: Checkpoint): boolean {
    const { position, effectiveAt } = next;
    const result = this.#advance.run(position, effectiveAt, name, version, expected.position);
    return result.changes === 1;
  }

  close(): void {
    if (this.db.isOpen) this.db.close();
  }

  #claim(path: string, epoch: string): void {
    this.db.prepare("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)").run(epoch);
    const row = this.db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get();
    if (row !== undefined && text(row, 'value') === epoch) return;
    throw new ForeignReadModelError(
      `${path} holds the read model of another event store: delete it to have it rebuilt`,
    );
  }

  #within<T>(body: () => T): T {
    try {
      const result = body();
      this.#commit.run();
      return result;
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw error;
    }
  }
}
