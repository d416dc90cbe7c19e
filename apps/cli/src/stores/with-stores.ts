import { existsSync } from 'node:fs';
import { hasEventStore, openStores, type Stores } from '#shared/composition/stores';
import type { Settings } from '#shared/settings/settings';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

export interface WithStoresOptions {
  /** Makes an embedded store that is not there. False by default: a mistyped directory is no empty store. */
  readonly create?: boolean;
}

/**
 * Opens the stores for as long as `body` runs, and closes them however it ends.
 *
 * @throws CliError where there is no store and none is to be made
 */
export async function withStores<T>(
  settings: Settings,
  body: (stores: Stores) => Promise<T>,
  { create = false }: WithStoresOptions = {},
): Promise<T> {
  const { DATA_DIR } = settings;
  if (!create && !hasEventStore(settings)) {
    const what = existsSync(DATA_DIR) ? 'event store in' : 'data directory';
    throw new CliError(EXIT.unavailable, `There is no ${what} ${DATA_DIR}`);
  }
  const stores = await openStores(settings);
  try {
    return await body(stores);
  } finally {
    await stores.close();
  }
}
