import { DatabaseSync } from 'node:sqlite';
import { waitWhileBusy } from '#event-store/adapters/sqlite/busy-wait';
import { SqliteTtlStore } from './sqlite-ttl-store.ts';
import type { TtlStore } from '../../ttl-store.ts';

/** Operational state in one SQLite file. Losing it loses no fact. */
export interface OperationalState {
  readonly ttls: TtlStore;
  close(): void;
}

/** How long another process may hold a lock before an access is refused, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/** @throws Error naming the file, when it cannot be opened or is no database */
export function openSqliteOperationalState(path: string): OperationalState {
  const db = openDatabase(path);
  const ttls = new SqliteTtlStore(db);
  return {
    ttls,
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}

function openDatabase(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    // SQLite itself does not wait for this one, and of two processes that open a new file one would fail.
    waitWhileBusy(BUSY_TIMEOUT_MS, () => db.exec('PRAGMA journal_mode = WAL'));
    db.exec('PRAGMA synchronous = NORMAL');
    return db;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot open ${path}: ${reason}`, { cause: error });
  }
}
