import type { DatabaseSync } from 'node:sqlite';

/** Runs `body` in a transaction; what it throws undoes it. DEFERRED sees one moment, IMMEDIATE also writes. */
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
