import { DatabaseSync } from 'node:sqlite';
import { waitWhileBusy } from '#event-store/adapters/sqlite/busy-wait';

/** How long another process may hold a lock before an access is refused, in milliseconds. */
export const BUSY_TIMEOUT_MS = 5_000;

/**
 * Opens a file of the read model, making it when missing. It is only a copy of what the log says, so it is synced
 * to disk lazily: after a loss of power it is consistent and catches up.
 *
 * @throws Error naming the file, when it cannot be opened or is no database
 */
export function openDatabase(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    // SQLite itself does not wait for this one, and of two processes that open a new file one would fail.
    waitWhileBusy(BUSY_TIMEOUT_MS, () => db.exec('PRAGMA journal_mode = WAL'));
    db.exec('PRAGMA synchronous = NORMAL');
    return db;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot open ${path}: ${reason}. What it holds can be rebuilt: delete it`, {
      cause: error,
    });
  }
}
