import { EventStoreError } from '../../errors.ts';

const BUSY = 5;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;
const STORAGE_FAULTS: readonly number[] = [READ_ONLY, IO_ERROR, FULL, CANNOT_OPEN];

/** Extended result code of a write that the file system refused. */
const IO_ERROR_WRITE = IO_ERROR | (3 << 8);

/** Extended SQLite result code of an error thrown by `node:sqlite`, undefined for any other error. */
function extendedResultCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}

/** Primary SQLite result code. */
function resultCode(error: unknown): number | undefined {
  const code = extendedResultCode(error);
  return code === undefined ? undefined : code & 0xff;
}

/** True for an error of SQLite itself: the file is locked, full, damaged or cannot be accessed. */
export function isSqliteError(error: unknown): boolean {
  return resultCode(error) !== undefined;
}

/** True when another connection held a lock for longer than the busy timeout. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
}

/** True when the disk is full or fails, or the file or its directory is read-only. */
export function isStorageFault(error: unknown): boolean {
  return STORAGE_FAULTS.includes(resultCode(error) ?? -1);
}

/**
 * True when the file system refused a part of the data, so that a commit cannot have become durable: its last frame is
 * written last. After other failures, such as one to flush the file, it can.
 */
export function isRefusedWrite(error: unknown): boolean {
  return resultCode(error) === FULL || extendedResultCode(error) === IO_ERROR_WRITE;
}

export function isNotADatabase(error: unknown): boolean {
  return resultCode(error) === NOT_A_DATABASE;
}

/** True when the file is damaged, or not a database at all. */
export function isDamage(error: unknown): boolean {
  return resultCode(error) === CORRUPT || isNotADatabase(error);
}

/** Message of anything that was thrown. The writer thread must not import `#domain`, which has the same function. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The file is not an event store, or a newer version of this program wrote it. The file is left unchanged. */
export class UnsupportedFileError extends EventStoreError {
  override readonly name = 'UnsupportedFileError';
  readonly code = 'EVENT_STORE.UNSUPPORTED_FILE';
}
