import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from '#event-store/adapters/sqlite/sqlite-errors';
import { InvalidSettingError } from '../settings/invalid-setting-error.ts';
import type { Settings } from '../settings/settings.ts';

/** Most processes that serve requests from one DATA_DIR. */
const MAX_SLOTS = 64;

/** A node id that nobody else on this machine uses while it is held. */
export interface NodeSlot {
  readonly nodeId: string;
  release(): void;
}

/**
 * Takes NODE_ID, or the first of `node-1`, `node-2`... that is free in DATA_DIR. The hold is a lock that the
 * operating system drops when the process dies, however it dies: who takes a slot knows that its last holder is
 * gone.
 *
 * @throws InvalidSettingError when NODE_ID is in use
 */
export function takeNodeSlot({
  DATA_DIR,
  NODE_ID,
}: Pick<Settings, 'DATA_DIR' | 'NODE_ID'>): NodeSlot {
  const directory = join(DATA_DIR, 'nodes');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const candidates =
    NODE_ID === undefined
      ? Array.from({ length: MAX_SLOTS }, (_, index) => `node-${index + 1}`)
      : [NODE_ID];
  for (const nodeId of candidates) {
    const lock = tryLock(join(directory, `${nodeId}.lock`));
    if (lock !== null) return { nodeId, release: () => lock.close() };
  }
  throw new InvalidSettingError(
    NODE_ID === undefined
      ? `All ${MAX_SLOTS} node ids in ${directory} are in use`
      : `NODE_ID ${NODE_ID} is in use by another process`,
  );
}

/** Node has no file locks of its own, but SQLite does: an exclusive transaction that is never committed. */
function tryLock(path: string): DatabaseSync | null {
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db.close();
    if (isBusy(error)) return null;
    throw error;
  }
}
