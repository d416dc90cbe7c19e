import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { EventLog, EventStore } from '#event-store';
import type { Settings } from '../settings/settings.ts';

/** The settings that name the event store. */
export type EventStoreSettings = Pick<
  Settings,
  'DATA_DIR' | 'EVENT_STORE' | 'EVENTSTOREDB_URL' | 'CLOCK_LEAD_SECONDS'
>;

/** Returns whether the event store of the settings exists; EventStoreDB always does. */
export function hasEventStore({ EVENT_STORE, DATA_DIR }: EventStoreSettings): boolean {
  return EVENT_STORE !== 'sqlite' || existsSync(eventsFile(DATA_DIR));
}

/** Loads only the adapter that the settings choose: the EventStoreDB client takes half a second to load. */
export async function openEventStore(settings: EventStoreSettings): Promise<EventStore> {
  const shared = await openEventStoreDb(settings);
  if (shared !== null) return shared;
  const adapter = await import('#event-store/adapters/sqlite/index');
  return adapter.openSqliteEventStore({
    path: eventsFile(settings.DATA_DIR),
    clockLeadMs: settings.CLOCK_LEAD_SECONDS * 1_000,
  });
}

/** Opens the event store for reading. */
export async function openEventLog(settings: EventStoreSettings): Promise<EventLog> {
  const shared = await openEventStoreDb(settings);
  if (shared !== null) return shared;
  const adapter = await import('#event-store/adapters/sqlite/index');
  return adapter.openSqliteEventLog({ path: eventsFile(settings.DATA_DIR) });
}

/** Returns the EventStoreDB store, null if the settings choose SQLite. */
async function openEventStoreDb(settings: EventStoreSettings): Promise<EventStore | null> {
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
