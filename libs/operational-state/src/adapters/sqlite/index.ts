import type { DatabaseSync } from 'node:sqlite';
import { openLazilySynced } from '#event-store/adapters/sqlite/open-lazily-synced';
import { QuietCheckpoint } from '#event-store/adapters/sqlite/quiet-checkpoint';
import type { OperationalState, OperationalStores } from '../../operational-state.ts';
import { assertKnownSchema, markSchema } from './state-schema.ts';
import { openEach, STORE_CLASSES } from './store-classes.ts';

/** Operational state in one SQLite file, whose lock every call waits for synchronously. */
export interface SqliteOperationalState extends OperationalState {
  /** Empties the write-ahead log at a quiet time; call it every `LOOK_EVERY_MS`. It may take long. */
  checkpointWhenQuiet(): void;
  close(): void;
}

/**
 * Opens the file, or creates it. A process that serves sockets opens it in a thread instead.
 *
 * @param busyTimeoutMs longest wait of a call for another process's lock; 5,000 by default
 * @throws Error with the path if the file cannot be opened or is not a database
 * @throws NewerOperationalStateError where a newer program has written it
 */
export function openSqliteOperationalState(
  path: string,
  busyTimeoutMs?: number,
): SqliteOperationalState {
  const db = openLazilySynced(path);
  const stores = openStores(db);
  if (busyTimeoutMs !== undefined) db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
  const checkpoint = new QuietCheckpoint(db);
  return {
    ...stores,
    now: async () => Date.now(),
    checkpointWhenQuiet: () => checkpoint.look(),
    close: () => {
      if (db.isOpen) db.close();
    },
  };
}

/** Brings the tables of a file to those of this program. A failure closes the file. */
function openStores(db: DatabaseSync): OperationalStores {
  try {
    assertKnownSchema(db);
    const stores = openEach((name) => new STORE_CLASSES[name](db));
    markSchema(db);
    return stores;
  } catch (error) {
    db.close();
    throw error;
  }
}
