import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from '#event-store/adapters/sqlite/sqlite-errors';
import { NodeIdInUseError, type NodeSlot, type NodeSlots } from '../../node-slots.ts';

/** Maximum number of processes that serve requests from one directory. */
const MAX_SLOTS = 64;

/**
 * Node ids of the processes that share a directory. A slot is a file lock, which the operating system releases when the
 * process ends for any reason: the previous owner of a free slot has ended.
 */
export class FileNodeSlots implements NodeSlots {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async take(nodeId: string | null): Promise<NodeSlot> {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const candidates =
      nodeId === null
        ? Array.from({ length: MAX_SLOTS }, (_, index) => `node-${index + 1}`)
        : [nodeId];
    for (const candidate of candidates) {
      const lock = tryLock(join(this.#directory, `${candidate}.lock`));
      if (lock !== null) {
        return {
          nodeId: candidate,
          isHeld: async () => true,
          release: async () => lock.close(),
        };
      }
    }
    throw new NodeIdInUseError(
      nodeId === null
        ? `All ${MAX_SLOTS} node ids in ${this.#directory} are in use`
        : `NODE_ID ${nodeId} is in use by another process`,
    );
  }
}

/** Locks a file with an SQLite transaction that is never committed: Node has no file locks of its own. */
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
