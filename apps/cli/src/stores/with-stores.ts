import { existsSync } from 'node:fs';
import { hasEventStore } from '#shared/composition/event-stores';
import { makePrivate } from '#shared/composition/private-data-dir';
import { isWritable, openReadOnlyStores } from '#shared/composition/read-only-stores';
import { openStores, openStoresToWrite, type Stores } from '#shared/composition/stores';
import type { Settings } from '#shared/settings/settings';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

export interface WithStoresOptions {
  /** Creates an embedded store that does not exist. False by default: a mistyped directory is not an empty store. */
  readonly create?: boolean;
  /** Opens the stores also where DATA_DIR cannot be written, or another one is in use. False by default. */
  readonly onlyReads?: boolean;
}

/**
 * Opens the stores, runs `body`, and closes the stores. Returns the result of `body`.
 *
 * @throws CliError if there is no store and `create` is false
 * @throws LogInUseError for a command that writes, where processes of another data directory use the same event store
 */
export async function withStores<T>(
  settings: Settings,
  body: (stores: Stores) => Promise<T>,
  { create = false, onlyReads = false }: WithStoresOptions = {},
): Promise<T> {
  if (!create) assertEventStoreExists(settings);
  // A server reports what it tightens; the output of a command is for its own subject.
  makePrivate(settings.DATA_DIR);
  const stores = await open(settings, onlyReads);
  try {
    return await Promise.race([body(stores), rejectWhenLost(stores)]);
  } finally {
    await stores.close();
  }
}

function open(settings: Settings, onlyReads: boolean): Promise<Stores> {
  if (!onlyReads) return openStoresToWrite(settings);
  return isWritable(settings) ? openStores(settings) : openReadOnlyStores(settings);
}

/** Rejects when another data folder has taken the event store, where the stores may be written. Never settles otherwise. */
async function rejectWhenLost({ claim }: Stores): Promise<never> {
  throw await (claim?.lost ?? new Promise<never>(() => undefined));
}

/** @throws CliError where the event store of the settings does not exist */
export function assertEventStoreExists(settings: Settings): void {
  if (hasEventStore(settings)) return;
  const { DATA_DIR } = settings;
  const what = existsSync(DATA_DIR) ? 'event store in' : 'data directory';
  throw new CliError(EXIT.unavailable, `There is no ${what} ${DATA_DIR}`);
}
