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

export function openSqliteOperationalState(path: string): OperationalState {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  // SQLite itself does not wait for this one, and of two processes that open a new file one would fail.
  waitWhileBusy(BUSY_TIMEOUT_MS, () => db.exec('PRAGMA journal_mode = WAL'));
  db.exec('PRAGMA synchronous = NORMAL');
  const ttls = new SqliteTtlStore(db);
  return {
    ttls,
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}
