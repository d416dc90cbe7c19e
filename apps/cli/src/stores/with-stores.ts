import { existsSync } from 'node:fs';
import { makePrivate } from '#shared/composition/private-data-dir';
import { isWritable, openReadOnlyStores } from '#shared/composition/read-only-stores';
import { hasEventStore, openStores, type Stores } from '#shared/composition/stores';
import type { Settings } from '#shared/settings/settings';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

export interface WithStoresOptions {
  /** Creates an embedded store that does not exist. False by default: a mistyped directory is not an empty store. */
  readonly create?: boolean;
  /** Opens the stores also where DATA_DIR cannot be written. False by default. */
  readonly onlyReads?: boolean;
}

/**
 * Opens the stores, runs `body`, and closes the stores. Returns the result of `body`.
 *
 * @throws CliError if there is no store and `create` is false
 */
export async function withStores<T>(
  settings: Settings,
  body: (stores: Stores) => Promise<T>,
  { create = false, onlyReads = false }: WithStoresOptions = {},
): Promise<T> {
  if (!create) assertEventStoreExists(settings);
  // A server reports what it tightens; the output of a command is for its own subject.
  makePrivate(settings.DATA_DIR);
  const isReadOnly = onlyReads && !isWritable(settings);
  const stores = await (isReadOnly ? openReadOnlyStores : openStores)(settings);
  try {
    return await body(stores);
  } finally {
    await stores.close();
  }
}

/** @throws CliError where the event store of the settings does not exist */
export function assertEventStoreExists(settings: Settings): void {
  if (hasEventStore(settings)) return;
  const { DATA_DIR } = settings;
  const what = existsSync(DATA_DIR) ? 'event store in' : 'data directory';
  throw new CliError(EXIT.unavailable, `There is no ${what} ${DATA_DIR}`);
}
