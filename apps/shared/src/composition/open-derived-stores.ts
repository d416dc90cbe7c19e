import { openOperationalStateInThread } from '#operational-state/adapters/sqlite/thread/index';
import type { Settings } from '../settings/settings.ts';
import type { OpenDerivedStores } from './derived-stores.ts';
import { inFiles } from './file-stores.ts';

/** The settings that name these stores. */
export type DerivedStoreSettings = Pick<Settings, 'DATA_DIR' | 'DATABASE_URL'> &
  Partial<Pick<Settings, 'MIGRATE' | 'DATABASE_CONNECTIONS'>>;

/** Returns how to open the stores for a command or a thread that has nothing else to do while it waits for a file. */
export function derivedStores(settings: DerivedStoreSettings): OpenDerivedStores {
  return inDatabase(settings) ?? inFiles(settings.DATA_DIR);
}

/** Like {@link derivedStores}, for a thread that serves sockets: none of its writes waits for a file synchronously. */
export function servingDerivedStores(settings: DerivedStoreSettings): OpenDerivedStores {
  return inDatabase(settings) ?? inFiles(settings.DATA_DIR, openOperationalStateInThread);
}

/** Returns how to open the stores in PostgreSQL; null if the settings name none. Its driver is loaded only then. */
function inDatabase({
  DATABASE_URL: url,
  MIGRATE,
  DATABASE_CONNECTIONS: connections,
}: DerivedStoreSettings): OpenDerivedStores | null {
  if (url === undefined) return null;
  return async (log) => {
    const { openStoresInDatabase } = await import('./database-stores.ts');
    const mayMigrate = MIGRATE !== 'off';
    return openStoresInDatabase({ url, mayMigrate, ...(connections && { connections }) }, log);
  };
}
