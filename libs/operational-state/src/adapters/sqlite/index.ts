import { openLazilySynced } from '#event-store/adapters/sqlite/open-lazily-synced';
import { SqliteTtlStore } from './sqlite-ttl-store.ts';
import type { TtlStore } from '../../ttl-store.ts';

/** Operational state in one SQLite file. Losing it loses no fact. */
export interface OperationalState {
  readonly ttls: TtlStore;
  close(): void;
}

/** @throws Error naming the file, when it cannot be opened or is no database */
export function openSqliteOperationalState(path: string): OperationalState {
  const db = openLazilySynced(path);
  const ttls = new SqliteTtlStore(db);
  return {
    ttls,
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}
