import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EventStore } from '#event-store';
import { FileLeaseStore } from '#operational-state/adapters/files/file-lease-store';
import type { LeaseStore } from '#operational-state';
import {
  openSqliteOperationalState,
  type OperationalState,
} from '#operational-state/adapters/sqlite/index';
import { openSqliteReadModel, type SqliteReadModel } from '#read-model/adapters/sqlite/index';
import type { Settings } from '../settings/settings.ts';

/** Everything that a process keeps its data in. */
export interface Stores {
  readonly events: EventStore;
  readonly readModel: SqliteReadModel;
  readonly operations: OperationalState;
  readonly leases: LeaseStore;
  close(): Promise<void>;
}

/** Whether the event store that the settings name has ever been made; that of a server always has. */
export function hasEventStore({ EVENT_STORE, DATA_DIR }: Settings): boolean {
  return EVENT_STORE !== 'sqlite' || existsSync(eventsFile(DATA_DIR));
}

/** Opens what the settings name, making what is missing. */
export async function openStores(settings: Settings): Promise<Stores> {
  const { DATA_DIR } = settings;
  mkdirSync(DATA_DIR, { recursive: true, mode: 0o700 });
  const events = await openEventStore(settings);
  try {
    return openBeside(events, DATA_DIR);
  } catch (error) {
    await events.close();
    throw error;
  }
}

function openBeside(events: EventStore, dataDir: string): Stores {
  const readModel = openSqliteReadModel(join(dataDir, 'read-model.db'), events.epoch);
  try {
    const operations = openSqliteOperationalState(join(dataDir, 'state.db'));
    const close = async (): Promise<void> => {
      await events.close();
      readModel.close();
      operations.close();
    };
    const leases = new FileLeaseStore(join(dataDir, 'nodes'));
    return { events, readModel, operations, leases, close };
  } catch (error) {
    readModel.close();
    throw error;
  }
}

/** The adapters are loaded when chosen: the EventStoreDB client alone takes half a second to load. */
async function openEventStore(settings: Settings): Promise<EventStore> {
  if (settings.EVENTSTOREDB_URL !== undefined && settings.EVENT_STORE === 'eventstoredb') {
    const adapter = await import('#event-store/adapters/eventstoredb/index');
    return adapter.openEventStoreDbEventStore({ url: settings.EVENTSTOREDB_URL });
  }
  const adapter = await import('#event-store/adapters/sqlite/index');
  return adapter.openSqliteEventStore({ path: eventsFile(settings.DATA_DIR) });
}

function eventsFile(dataDir: string): string {
  return join(dataDir, 'events.db');
}
