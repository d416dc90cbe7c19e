import { DatabaseSync } from 'node:sqlite';
import { SqliteTtlStore } from './sqlite-ttl-store.ts';
import type { TtlStore } from '../../ttl-store.ts';

/** Operational state in one SQLite file. Losing it loses no fact. */
export interface OperationalState {
  readonly ttls: TtlStore;
  close(): void;
}

export function openSqliteOperationalState(path: string): OperationalState {
  const db = new DatabaseSync(path, { timeout: 5_000 });
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  const ttls = new SqliteTtlStore(db);
  return {
    ttls,
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}
