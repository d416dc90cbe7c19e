import type { DatabaseSync } from 'node:sqlite';
import { openLazilySynced } from '#event-store/adapters/sqlite/open-lazily-synced';

/**
 * Opens a file of the read model, creating it if missing. The log has everything in it, so writes lost in a power
 * failure are caught up.
 *
 * @throws Error with the file's name, when it cannot be opened or is not a database
 */
export function openDatabase(path: string): DatabaseSync {
  return openLazilySynced(path, '. What it holds can be rebuilt: delete it');
}
