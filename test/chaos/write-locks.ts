import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Longest that a running process may hold a lock while somebody else looks, in milliseconds. */
const PATIENCE_MS = 30;

/**
 * Whether every SQLite file of a DATA_DIR can be written to. Where the processes on it are stopped one by one and
 * this says no, the one that was stopped holds a lock that all others would wait for.
 */
export function canBeWritten(dataDir: string): boolean {
  return readdirSync(dataDir)
    .filter((name) => /\.db$/.test(name))
    .every((name) => lockable(join(dataDir, name)));
}

function lockable(path: string): boolean {
  const db = new DatabaseSync(path, { timeout: PATIENCE_MS });
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
