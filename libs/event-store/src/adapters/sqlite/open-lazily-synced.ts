import { DatabaseSync } from 'node:sqlite';
import { waitWhileBusy } from './busy-wait.ts';

/** How long another process may hold a lock before an access is refused, in milliseconds. */
export const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens a file whose contents may lag behind what was last written to it, making it when missing: it is synced to
 * disk lazily, and after a loss of power it is consistent but may be older.
 *
 * @param advice what to do where it cannot be opened, as the end of the error's message
 * @throws Error naming the file, when it cannot be opened or is no database
 */
export function openLazilySynced(path: string, advice = ''): DatabaseSync {
  try {
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    // SQLite itself does not wait for this one, and of two processes that open a new file one would fail.
    waitWhileBusy(BUSY_TIMEOUT_MS, () => db.exec('PRAGMA journal_mode = WAL'));
    db.exec('PRAGMA synchronous = NORMAL');
    return db;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot open ${path}: ${reason}${advice}`, { cause: error });
  }
}
