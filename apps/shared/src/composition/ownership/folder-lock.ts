import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from '#event-store/adapters/sqlite/sqlite-errors';
import type { ProcessCount } from './log-claim.ts';

const FILE = 'folder.lock';
/** Two processes that leave at the same time may find each other. One of them has to look again. */
const LAST_TIMEOUT_MS = 50;

/**
 * Counts the processes of a data folder, so that the last one knows that it is. The operating system keeps the count: it
 * takes a process out that ends for any reason. Node has no file locks of its own; those of SQLite may be shared.
 */
export class FolderLock implements ProcessCount {
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Counts this process in. Returns null while the last process of the folder leaves it. */
  static tryJoin(dataDir: string): FolderLock | null {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const db = new DatabaseSync(join(dataDir, FILE), { timeout: 0 });
    if (tryToLock(db, 'BEGIN; SELECT 1 FROM sqlite_schema')) return new FolderLock(db);
    db.close();
    return null;
  }

  /** Returns whether this process is the only one. If so, no other can join until {@link leave}. */
  tryToBeLast(): boolean {
    if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    this.#db.exec(`PRAGMA busy_timeout = ${LAST_TIMEOUT_MS}`);
    return tryToLock(this.#db, 'BEGIN EXCLUSIVE');
  }

  /** Counts this process out. */
  leave(): void {
    this.#db.close();
  }
}

function tryToLock(db: DatabaseSync, sql: string): boolean {
  try {
    db.exec(sql);
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}
