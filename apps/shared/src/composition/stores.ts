import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EventLog, EventStore } from '#event-store';
import { LOOK_EVERY_MS } from '#event-store/adapters/sqlite/quiet-checkpoint';
import { FileLeaseStore } from '#operational-state/adapters/files/file-lease-store';
import type { LeaseStore, OperationalState } from '#operational-state';
import { openSqliteOperationalState } from '#operational-state/adapters/sqlite/index';
import { openOperationalStateInThread } from '#operational-state/adapters/sqlite/thread/index';
import { openSqliteReadModel, type SqliteReadModel } from '#read-model/adapters/sqlite/index';
import type { Settings } from '../settings/settings.ts';

/** The stores of a process. */
export interface Stores {
  readonly events: EventStore;
  readonly readModel: SqliteReadModel;
  readonly operations: OperationalState;
  readonly leases: LeaseStore;
  close(): Promise<void>;
}

/** The settings that name the stores. */
export type StoreSettings = Pick<
  Settings,
  'DATA_DIR' | 'EVENT_STORE' | 'EVENTSTOREDB_URL' | 'CLOCK_LEAD_SECONDS'
>;

/** The stores that projecting the log needs. */
export interface ProjectionStores {
  readonly log: EventLog;
  readonly readModel: SqliteReadModel;
  readonly operations: OperationalState;
  close(): Promise<void>;
}

/** Returns whether the event store of the settings exists; EventStoreDB always does. */
export function hasEventStore({ EVENT_STORE, DATA_DIR }: StoreSettings): boolean {
  return EVENT_STORE !== 'sqlite' || existsSync(eventsFile(DATA_DIR));
}

/** Opens the file of operational state. */
type OpenOperationalState = (path: string) => OperationalState | Promise<OperationalState>;

/** Opens the stores of the settings for a command; creates those that do not exist. */
export function openStores(settings: StoreSettings): Promise<Stores> {
  return openAll(settings, openSqliteOperationalState);
}

/** Like {@link openStores}, for a process that serves requests: none of its writes waits for a file synchronously. */
export function openServingStores(settings: StoreSettings): Promise<Stores> {
  return openAll(settings, openOperationalStateInThread);
}

async function openAll(
  settings: StoreSettings,
  openOperationalState: OpenOperationalState,
): Promise<Stores> {
  const { DATA_DIR } = settings;
  mkdirSync(DATA_DIR, { recursive: true, mode: 0o700 });
  const events = await openEventStore(settings);
  return openStoresBeside(events, DATA_DIR, openOperationalState);
}

/** Opens the stores in a directory that accompany an event store. Closing them closes the event store, too. */
export async function openStoresBeside(
  events: EventStore,
  directory: string,
  openOperationalState: OpenOperationalState = openSqliteOperationalState,
): Promise<Stores> {
  const beside = await openLocalStores(events, directory, openOperationalState);
  return { events, ...beside, leases: new FileLeaseStore(join(directory, 'nodes')) };
}

/** Opens the stores for a projection thread, in addition to those that its process has open. */
export async function openProjectionStores(settings: StoreSettings): Promise<ProjectionStores> {
  const log = await openEventLog(settings);
  const stores = await openLocalStores(log, settings.DATA_DIR, openSqliteOperationalState);
  const timer = setInterval(() => stores.readModel.checkpointWhenQuiet(), LOOK_EVERY_MS).unref();
  return {
    log,
    ...stores,
    close: async () => {
      clearInterval(timer);
      await stores.close();
    },
  };
}

/** Opens the stores in DATA_DIR that accompany a log. Closing them closes the log, too, as does a failure to open them. */
async function openLocalStores(
  log: Pick<EventLog, 'epoch' | 'close'>,
  dataDir: string,
  openOperationalState: OpenOperationalState,
): Promise<Pick<ProjectionStores, 'readModel' | 'operations' | 'close'>> {
  const opened: (() => void | Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    await log.close();
    for (const closeOne of opened) await closeOne();
  };
  try {
    const readModel = openSqliteReadModel(join(dataDir, 'read-model.db'), log.epoch);
    opened.push(() => readModel.close());
    const operations = await openOperationalState(join(dataDir, 'state.db'));
    opened.push(() => operations.close());
    return { readModel, operations, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Loads only the adapter that the settings choose: the EventStoreDB client takes half a second to load. */
export async function openEventStore(settings: StoreSettings): Promise<EventStore> {
  const shared = await openEventStoreDb(settings);
  if (shared !== null) return shared;
  const adapter = await import('#event-store/adapters/sqlite/index');
  return adapter.openSqliteEventStore({
    path: eventsFile(settings.DATA_DIR),
    clockLeadMs: settings.CLOCK_LEAD_SECONDS * 1_000,
  });
}

async function openEventLog(settings: StoreSettings): Promise<EventLog> {
  const shared = await openEventStoreDb(settings);
  if (shared !== null) return shared;
  const adapter = await import('#event-store/adapters/sqlite/index');
  return adapter.openSqliteEventLog({ path: eventsFile(settings.DATA_DIR) });
}

/** Returns the EventStoreDB store, null if the settings choose SQLite. */
async function openEventStoreDb(settings: StoreSettings): Promise<EventStore | null> {
  const { EVENT_STORE, EVENTSTOREDB_URL: url } = settings;
  if (url === undefined || EVENT_STORE !== 'eventstoredb') return null;
  const adapter = await import('#event-store/adapters/eventstoredb/index');
  return adapter.openEventStoreDbEventStore({
    url,
    clockLeadMs: settings.CLOCK_LEAD_SECONDS * 1_000,
  });
}

/** Returns the path of the embedded event store. */
export function eventsFile(dataDir: string): string {
  return join(dataDir, 'events.db');
}
