import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** How long to wait for a lock that a running process holds, in milliseconds. */
const LOCK_TIMEOUT_MS = 30;

/**
 * Whether every SQLite file of a DATA_DIR can be written to. If it returns false after you suspend one process, that
 * process holds a lock that all others would wait for.
 */
export function canBeWritten(dataDir: string): boolean {
  return readdirSync(dataDir)
    .filter((name) => /\.db$/.test(name))
    .every((name) => canBeLocked(join(dataDir, name)));
}

function canBeLocked(path: string): boolean {
  const db = new DatabaseSync(path, { timeout: LOCK_TIMEOUT_MS });
  try {
    db.exec('BEGIN IMMEDIATE');
    db.exec('ROLLBACK');
    return true;
  } catch (error) {
    if (error instanceof Error && /locked|busy/i.test(error.message)) return false;
    throw error;
  } finally {
    db.close();
  }
}
