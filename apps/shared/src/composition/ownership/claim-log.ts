import type { EventStore } from '#event-store';
import { InvalidSettingError } from '../../settings/invalid-setting-error.ts';
import type { Settings } from '../../settings/settings.ts';
import { identifyDataFolder } from './data-folder.ts';
import { FolderLock } from './folder-lock.ts';
import { LogClaim } from './log-claim.ts';
import { systemTiming } from './timing.ts';

/** Longest wait for the last process of the folder to leave it, in milliseconds: it waits for the store meanwhile. */
const LEAVE_TIMEOUT_MS = 15_000;
const RETRY_MS = 20;

/**
 * Takes the log for the data folder of the settings. Returns null where no other folder can reach the log, because the log
 * is in the folder.
 *
 * @param report called with one line for the operator
 * @throws LogInUseError if another folder has the log and is alive
 * @throws EventStoreError
 */
export async function claimLog(
  { DATA_DIR }: Pick<Settings, 'DATA_DIR'>,
  { owner: store }: Pick<EventStore, 'owner'>,
  report: (line: string) => void,
): Promise<LogClaim | null> {
  if (store === undefined) return null;
  const self = identifyDataFolder(DATA_DIR);
  const count = await joinFolder(DATA_DIR);
  return LogClaim.take({ store, self, count, timing: systemTiming, report });
}

async function joinFolder(dataDir: string): Promise<FolderLock> {
  const { monotonic, delay } = systemTiming;
  const deadline = monotonic() + LEAVE_TIMEOUT_MS;
  for (;;) {
    const lock = FolderLock.tryJoin(dataDir);
    if (lock !== null) return lock;
    if (monotonic() > deadline) {
      throw new InvalidSettingError(`Another process that uses ${dataDir} is stopping, and hangs`);
    }
    await delay(RETRY_MS);
  }
}
