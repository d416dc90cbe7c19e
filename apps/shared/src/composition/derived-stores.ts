import { join } from 'node:path';
import type { EventLog } from '#event-store';
import type { LeaseStore, NodeSlots, OperationalState } from '#operational-state';
import { FileLeaseStore } from '#operational-state/adapters/files/file-lease-store';
import { FileNodeSlots } from '#operational-state/adapters/files/file-node-slots';
import { openSqliteOperationalState } from '#operational-state/adapters/sqlite/index';
import { openOperationalStateInThread } from '#operational-state/adapters/sqlite/thread/index';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import type { ReadModel } from '#read-model';
import type { Settings } from '../settings/settings.ts';

/** The stores beside a log: what was derived from it, and what processes share besides it. */
export interface DerivedStores {
  readonly readModel: ReadModel;
  readonly operations: OperationalState;
  readonly leases: LeaseStore;
  readonly nodeSlots: NodeSlots;
  /** Tidies files at quiet times; call it every `LOOK_EVERY_MS` from a thread that may wait for a file. */
  tidyWhenQuiet(): void;
  close(): Promise<void>;
}

/** The settings that name these stores. */
export type DerivedStoreSettings = Pick<Settings, 'DATA_DIR' | 'DATABASE_URL'> &
  Partial<Pick<Settings, 'MIGRATE'>>;

/** Opens the stores beside a log, creating those that do not exist. */
export type OpenDerivedStores = (
  log: Pick<EventLog, 'epoch' | 'formerEpochs'>,
) => Promise<DerivedStores>;

/** Returns how to open the stores for a command or a thread that has nothing else to do while it waits for a file. */
export function derivedStores(settings: DerivedStoreSettings): OpenDerivedStores {
  return inDatabase(settings) ?? inFiles(settings.DATA_DIR);
}

/** Like {@link derivedStores}, for a thread that serves sockets: none of its writes waits for a file synchronously. */
export function servingDerivedStores(settings: DerivedStoreSettings): OpenDerivedStores {
  return inDatabase(settings) ?? inFiles(settings.DATA_DIR, openOperationalStateInThread);
}

/** Returns how to open the stores in a directory. */
export function inFiles(
  directory: string,
  openOperationalState: (
    path: string,
  ) => OperationalState | Promise<OperationalState> = openSqliteOperationalState,
): OpenDerivedStores {
  return async ({ epoch, formerEpochs }) => {
    const readModel = openSqliteReadModel(join(directory, 'read-model.db'), epoch, formerEpochs);
    try {
      const operations = await openOperationalState(join(directory, 'state.db'));
      return {
        readModel,
        operations,
        leases: new FileLeaseStore(join(directory, 'nodes')),
        nodeSlots: new FileNodeSlots(join(directory, 'nodes')),
        tidyWhenQuiet: () => readModel.checkpointWhenQuiet(),
        close: async () => {
          readModel.close();
          await operations.close();
        },
      };
    } catch (error) {
      readModel.close();
      throw error;
    }
  };
}

/** Returns how to open the stores in PostgreSQL; null if the settings name none. Its driver is loaded only then. */
function inDatabase({
  DATABASE_URL: url,
  MIGRATE,
}: DerivedStoreSettings): OpenDerivedStores | null {
  if (url === undefined) return null;
  return async (log) => {
    const { openStoresInDatabase } = await import('./database-stores.ts');
    return openStoresInDatabase(url, { mayMigrate: MIGRATE !== 'off' }, log);
  };
}
