import type { DatabaseSync } from 'node:sqlite';
import { openLazilySynced } from '#event-store/adapters/sqlite/open-lazily-synced';

/**
 * Opens a file of the read model, making it when missing. It is only a copy of what the log says, so that what a
 * loss of power takes from it is caught up with.
 *
 * @throws Error naming the file, when it cannot be opened or is no database
 */
export function openDatabase(path: string): DatabaseSync {
  return openLazilySynced(path, '. What it holds can be rebuilt: delete it');
}
