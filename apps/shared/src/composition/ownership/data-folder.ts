import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { LogOwner } from '#event-store';
import { InvalidSettingError } from '../../settings/invalid-setting-error.ts';
import { createOnce } from '../create-once.ts';

const FILE = 'folder.id';
const ID_BYTES = 8;
/** Names the running kernel of Linux: the same in all containers of a machine, another one on every other machine. */
const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/**
 * Returns the data folder as an owner of the log. Its id is in `folder.id` (mode 0600), which the first call creates. A
 * copy of the folder has the same id, but not the same place: the machine since its start, and the file itself.
 *
 * @throws InvalidSettingError if the file does not contain an id
 */
export function identifyDataFolder(dataDir: string): LogOwner {
  const path = join(dataDir, FILE);
  createOnce(path, `${randomBytes(ID_BYTES).toString('hex')}\n`);
  const id = readFileSync(path, 'utf8').trim();
  if (!/^[0-9a-f]{16}$/.test(id)) {
    throw new InvalidSettingError(`${path} does not contain the id of a data directory`);
  }
  const { dev, ino } = statSync(path, { bigint: true });
  return {
    id,
    place: `${machineId()}:${dev}:${ino}`,
    description: `${resolve(dataDir)} of machine ${hostname()}`,
  };
}

function machineId(): string {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim();
  } catch {
    // Other systems than Linux do not have it, and do not share folders between containers.
    return hostname();
  }
}
