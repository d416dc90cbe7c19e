import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EventLog, EventStore } from '#event-store';
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

/** Settings that say where data is kept. */
export type StoreSettings = Pick<Settings, 'DATA_DIR' | 'EVENT_STORE' | 'EVENTSTOREDB_URL'>;

/** What it takes to project the log. */
export interface ProjectionStores {
  readonly log: EventLog;
  readonly readModel: SqliteReadModel;
  readonly operations: OperationalState;
  close(): Promise<void>;
}

/** Whether the event store that the settings name has ever been made; that of a server always has. */
export function hasEventStore({ EVENT_STORE, DATA_DIR }: StoreSettings): boolean {
  return EVENT_STORE !== 'sqlite' || existsSync(eventsFile(DATA_DIR));
}

/** Opens what the settings name, making what is missing. */
export async function openStores(settings: StoreSettings): Promise<Stores> {
  const { DATA_DIR } = settings;
  mkdirSync(DATA_DIR, { recursive: true, mode: 0o700 });
  const events = await openEventStore(settings);
  const beside = await openLocalStores(events, DATA_DIR);
  return { events, ...beside, leases: new FileLeaseStore(join(DATA_DIR, 'nodes')) };
}

/** Opens once more what a process has open already, for a thread of it that projects. */
export async function openProjectionStores(settings: StoreSettings): Promise<ProjectionStores> {
  const log = await openEventLog(settings);
  return { log, ...(await openLocalStores(log, settings.DATA_DIR)) };
}

/** What stands beside a log. Closing it closes the log as well, and so does failing to open it. */
async function openLocalStores(
  log: Pick<EventLog, 'epoch' | 'close'>,
  dataDir: string,
): Promise<Pick<ProjectionStores, 'readModel' | 'operations' | 'close'>> {
  const opened: (() => void)[] = [];
  const close = async (): Promise<void> => {
    await log.close();
    for (const closeOne of opened) closeOne();
  };
  try {
    const readModel = openSqliteReadModel(join(dataDir, 'read-model.db'), log.epoch);
    opened.push(() => readModel.close());
    const operations = openSqliteOperationalState(join(dataDir, 'state.db'));
    opened.push(() => operations.close());
    return { readModel, operations, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The adapters are loaded when chosen: the EventStoreDB client alone takes half a second to load. */
async function openEventStore(settings: StoreSettings): Promise<EventStore> {
  const shared = await openSharedEventStore(settings);
  if (shared !== null) return shared;
  const adapter = await import('#event-store/adapters/sqlite/index');
  return adapter.openSqliteEventStore({ path: eventsFile(settings.DATA_DIR) });
}

async function openEventLog(settings: StoreSettings): Promise<EventLog> {
  const shared = await openSharedEventStore(settings);
  if (shared !== null) return shared;
  const adapter = await import('#event-store/adapters/sqlite/index');
  return adapter.openSqliteEventLog({ path: eventsFile(settings.DATA_DIR) });
}

/** Null where the events are in a file. */
async function openSharedEventStore(settings: StoreSettings): Promise<EventStore | null> {
  const { EVENT_STORE, EVENTSTOREDB_URL: url } = settings;
  if (url === undefined || EVENT_STORE !== 'eventstoredb') return null;
  const adapter = await import('#event-store/adapters/eventstoredb/index');
  return adapter.openEventStoreDbEventStore({ url });
}

function eventsFile(dataDir: string): string {
  return join(dataDir, 'events.db');
}
