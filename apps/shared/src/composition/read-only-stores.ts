import { accessSync, constants, existsSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogRestoredError, type EventStore } from '#event-store';
import { derivedStores } from './open-derived-stores.ts';
import { eventsFile, openEventStore } from './event-stores.ts';
import { openStoresBeside, usesFiles, type Stores, type StoreSettings } from './stores.ts';

/** The read model and operational state, with what SQLite has beside them. */
const COPIED = /^(read-model|state)\.db(\.\w+@v\d+)?(-wal)?$/;

/** Returns whether this process may write to the files of the stores, if they are in files. */
export function isWritable(
  settings: Pick<StoreSettings, 'DATA_DIR' | 'EVENT_STORE' | 'DATABASE_URL'>,
): boolean {
  if (!usesFiles(settings)) return true;
  const { DATA_DIR, EVENT_STORE } = settings;
  const log = eventsFile(DATA_DIR);
  const paths = EVENT_STORE === 'sqlite' && existsSync(log) ? [DATA_DIR, log] : [DATA_DIR];
  return paths.every((path) => {
    try {
      accessSync(path, constants.W_OK);
      return true;
    } catch {
      // Missing directories are created.
      return !existsSync(path);
    }
  });
}

/**
 * Opens the stores of a data directory that cannot be written, for a command that only reads. The log is read in place;
 * the read model and operational state, unless a database has them, are copied to a temporary directory, where the command
 * can catch up. Changes to the copies are lost when the stores are closed.
 *
 * @throws EventStoreUnavailableError where a server has the log open, or did not stop cleanly
 * @throws LogRestoredError where the log was restored: it cannot get its new epoch
 */
export async function openReadOnlyStores(settings: StoreSettings): Promise<Stores> {
  const { DATA_DIR, EVENT_STORE } = settings;
  const events =
    EVENT_STORE === 'sqlite' ? await openReadOnlyLog(DATA_DIR) : await openEventStore(settings);
  const copy = await mkdtemp(join(tmpdir(), 'reachability-read-only-'));
  const removeCopy = (): Promise<void> => rm(copy, { recursive: true, force: true });
  try {
    if (settings.DATABASE_URL === undefined) await copyFiles(DATA_DIR, copy);
    const openDerived = derivedStores({ ...settings, DATA_DIR: copy });
    const stores = await openStoresBeside(events, openDerived);
    return {
      ...stores,
      close: async () => {
        await stores.close();
        await removeCopy();
      },
    };
  } catch (error) {
    await events.close();
    await removeCopy();
    if (!(error instanceof LogRestoredError)) throw error;
    throw new LogRestoredError(`${error.message}. Open it where the directory can be written`);
  }
}

async function openReadOnlyLog(dataDir: string): Promise<EventStore> {
  const adapter = await import('#event-store/adapters/sqlite/index');
  return adapter.openReadOnlyEventStore(eventsFile(dataDir));
}

/** Clones the files where the file system can, and makes the copies writable. */
async function copyFiles(from: string, to: string): Promise<void> {
  for (const name of (await readdir(from)).filter((file) => COPIED.test(file))) {
    await copyFile(join(from, name), join(to, name), constants.COPYFILE_FICLONE);
    await chmod(join(to, name), 0o600);
  }
}
