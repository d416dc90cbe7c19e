import { backup, DatabaseSync } from 'node:sqlite';
import type { Position } from '../../position.ts';
import { readExistingEpochs, renewEpoch } from './file-format.ts';
import { immutableLocation } from './immutable-location.ts';
import { toPosition } from './positions.ts';
import { isDamage } from './sqlite-errors.ts';

/** Pages to copy before progress is reported and a signal is obeyed: 8 MiB. */
const PAGES_PER_STEP = 2_000;
const BUSY_TIMEOUT_MS = 5_000;

/** The facts that a copy of a log must agree on with its original. */
export interface LogContents {
  readonly epoch: string;
  /** Position of the last event; null in an empty log. */
  readonly position: Position | null;
  readonly events: number;
}

export interface CopyOptions {
  readonly signal: AbortSignal;
  /** True where the log is in a directory that cannot be written; then nobody may write to the log. */
  readonly isReadOnly?: boolean;
  /** @param total the size of the log, in the unit of `done` */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Copies the log at `path` to `target`, a new or empty file, while other processes write to it; returns the contents
 * of the copy. An open read transaction makes the copy one moment of the log: without it, each write to the log would
 * start the copy again. The write-ahead log grows for that time.
 *
 * @throws UnsupportedFileError
 * @throws EventStoreUnavailableError where a read-only log lacks events
 */
export async function copyEventLog(
  path: string,
  target: string,
  { signal, onProgress, isReadOnly = false }: CopyOptions,
): Promise<LogContents> {
  const location = isReadOnly ? immutableLocation(path) : path;
  const source = new DatabaseSync(location, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    source.exec('BEGIN');
    const contents = contentsOf(source);
    await backup(source, target, {
      rate: PAGES_PER_STEP,
      progress: ({ totalPages, remainingPages }) => {
        signal.throwIfAborted();
        onProgress(totalPages - remainingPages, totalPages);
      },
    });
    signal.throwIfAborted();
    return contents;
  } finally {
    source.close();
  }
}

/**
 * Gives a copied log a new epoch, and returns it. Returns null where the file is damaged or has other contents than
 * expected.
 *
 * @throws UnsupportedFileError where it is not an event store, or newer than this program
 */
export function adoptEventLog(path: string, expected: LogContents): string | null {
  const db = new DatabaseSync(path);
  try {
    if (db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok') return null;
    const { epoch, position, events } = contentsOf(db);
    if (epoch !== expected.epoch || position !== expected.position || events !== expected.events) {
      return null;
    }
    return renewEpoch(db, epoch);
  } catch (error) {
    if (isDamage(error)) return null;
    throw error;
  } finally {
    db.close();
  }
}

function contentsOf(db: DatabaseSync): LogContents {
  const { epoch } = readExistingEpochs(db);
  const row = db.prepare('SELECT count(*) AS events, max(position) AS last FROM events').get();
  const last = row?.['last'];
  return {
    epoch,
    position: typeof last === 'number' ? toPosition(last) : null,
    events: Number(row?.['events']),
  };
}
