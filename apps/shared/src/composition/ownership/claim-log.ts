import type { EventStore } from '#event-store';
import { InvalidSettingError } from '../../settings/invalid-setting-error.ts';
import type { Settings } from '../../settings/settings.ts';
import { databaseOwner } from './database-owner.ts';
import { identifyDataFolder } from './data-folder.ts';
import { FolderLock } from './folder-lock.ts';
import { LogClaim, type ProcessCount } from './log-claim.ts';
import { systemTiming } from './timing.ts';

/** Longest wait for the last process of the folder to leave it, in milliseconds: it waits for the store meanwhile. */
const LEAVE_TIMEOUT_MS = 15_000;
const RETRY_MS = 20;

/** Processes of many machines do not know whether they are the last: the next owner waits for a sign of life. */
const NEVER_LAST: ProcessCount = { tryToBeLast: () => false, leave: () => undefined };

/**
 * Takes the log for the database of the settings, or for their data folder. Returns null where no other folder can reach
 * the log, because the log is in the folder.
 *
 * @param report called with one line for the operator
 * @throws LogInUseError if another owner has the log and is alive
 * @throws EventStoreError
 */
export async function claimLog(
  { DATA_DIR, DATABASE_URL }: Pick<Settings, 'DATA_DIR' | 'DATABASE_URL'>,
  { owner: store }: Pick<EventStore, 'owner'>,
  report: (line: string) => void,
): Promise<LogClaim | null> {
  if (store === undefined) return null;
  const common = { store, timing: systemTiming, report };
  if (DATABASE_URL !== undefined) {
    return LogClaim.take({ ...common, self: databaseOwner(), count: NEVER_LAST });
  }
  const self = identifyDataFolder(DATA_DIR);
  return LogClaim.take({ ...common, self, count: await joinFolder(DATA_DIR) });
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
