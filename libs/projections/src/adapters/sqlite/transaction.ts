import type { DatabaseSync } from 'node:sqlite';

/** Runs `body` in a transaction; an error rolls it back. DEFERRED reads a snapshot, IMMEDIATE also writes. */
export function transaction<T>(db: DatabaseSync, kind: 'DEFERRED' | 'IMMEDIATE', body: () => T): T {
  db.exec(`BEGIN ${kind}`);
  try {
    const result = body();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
