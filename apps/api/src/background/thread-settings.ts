import type { StoreSettings } from '#shared/composition/stores';

/** Returns those settings that a thread opens its stores with. The process has migrated the database before. */
export function threadSettings({
  DATA_DIR,
  EVENT_STORE,
  EVENTSTOREDB_URL,
  CLOCK_LEAD_SECONDS,
  DATABASE_URL,
}: StoreSettings): StoreSettings {
  return {
    DATA_DIR,
    EVENT_STORE,
    CLOCK_LEAD_SECONDS,
    MIGRATE: 'off',
    ...(EVENTSTOREDB_URL === undefined ? {} : { EVENTSTOREDB_URL }),
    ...(DATABASE_URL === undefined ? {} : { DATABASE_URL }),
  };
}
