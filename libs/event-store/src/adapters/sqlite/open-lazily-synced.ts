import { DatabaseSync } from 'node:sqlite';
import { retryWhileBusy } from './busy-wait.ts';
import { reasonOf } from './sqlite-errors.ts';
import { WAL_SIZE_LIMIT } from './wal-size.ts';

/** Milliseconds to wait for another process's lock before an access fails. */
export const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens a database that is synced to disk lazily, and creates the file if it is missing. After a power failure the
 * database is consistent, but the latest writes may be lost.
 *
 * @param advice what to do if it cannot be opened; appended to the error message
 * @throws Error with the path, when the file cannot be opened or is not a database
 */
export function openLazilySynced(path: string, advice = ''): DatabaseSync {
  try {
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    // SQLite itself does not wait for this lock: of two processes that open a new file, one would fail.
    retryWhileBusy(BUSY_TIMEOUT_MS, () => db.exec('PRAGMA journal_mode = WAL'));
    db.exec(`PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${WAL_SIZE_LIMIT}`);
    return db;
  } catch (error) {
    throw new Error(`Cannot open ${path}: ${reasonOf(error)}${advice}`, { cause: error });
  }
}
