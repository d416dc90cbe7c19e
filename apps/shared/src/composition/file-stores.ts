import { join } from 'node:path';
import type { OperationalState } from '#operational-state';
import { FileLeaseStore } from '#operational-state/adapters/files/file-lease-store';
import { FileNodeSlots } from '#operational-state/adapters/files/file-node-slots';
import { openSqliteOperationalState } from '#operational-state/adapters/sqlite/index';
import { openSqliteReadModel } from '#read-model/adapters/sqlite/index';
import type { OpenDerivedStores } from './derived-stores.ts';

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
        signals: null,
        pools: new Map(),
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
