import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { isSqliteError } from './sqlite-errors.ts';

/** Milliseconds between two calls of {@link QuietCheckpoint.look}: a file that did not change meanwhile is quiet. */
export const LOOK_EVERY_MS = 1_000;

/** Bytes of a write-ahead log that are not worth a checkpoint. */
const SMALL_LOG = 1024 * 1024;

/**
 * Empties the write-ahead log of a file at a quiet time. SQLite itself shortens it only when it is written to after a
 * long read has ended, so it would keep the size that it had at its peak.
 */
export class QuietCheckpoint {
  readonly #db: DatabaseSync;
  readonly #logPath: string;
  readonly #keptBytes: number;
  #changedAt = 0;

  /**
   * @param db a connection to the file, which is used outside transactions
   * @param keptBytes a write-ahead log of this size or less is left as it is
   */
  constructor(db: DatabaseSync, keptBytes = SMALL_LOG) {
    this.#db = db;
    this.#keptBytes = keptBytes;
    this.#logPath = `${db.location() ?? ''}-wal`;
  }

  /** Empties the write-ahead log if it did not change since the last call; returns whether it is still large. */
  look(): boolean {
    const log = statSync(this.#logPath, { throwIfNoEntry: false });
    if (log === undefined || log.size <= this.#keptBytes) return false;
    const isQuiet = log.mtimeMs === this.#changedAt;
    this.#changedAt = log.mtimeMs;
    return !isQuiet || !this.run();
  }

  /** Empties the write-ahead log; returns whether it is empty. It is not while a reader needs it, or another process writes. */
  run(): boolean {
    const busyTimeout = this.#query('PRAGMA busy_timeout')['timeout'];
    try {
      // A checkpoint of this kind keeps no writer waiting; afterwards the second one has nothing left to copy.
      const { log, checkpointed } = this.#query('PRAGMA wal_checkpoint(PASSIVE)');
      if (log !== checkpointed) return false;
      this.#db.exec('PRAGMA busy_timeout = 0');
      return this.#query('PRAGMA wal_checkpoint(TRUNCATE)')['busy'] === 0;
    } catch (error) {
      // Such as a full disk. The log stays complete, and the next call tries again.
      if (!isSqliteError(error)) throw error;
      return false;
    } finally {
      this.#db.exec(`PRAGMA busy_timeout = ${String(busyTimeout)}`);
    }
  }

  #query(pragma: string): Record<string, unknown> {
    return this.#db.prepare(pragma).get() ?? {};
  }
}
