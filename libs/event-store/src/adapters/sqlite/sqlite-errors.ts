import { EventStoreError } from '../../errors.ts';

const BUSY = 5;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** Primary SQLite result code of an error thrown by `node:sqlite`, undefined for any other error. */
function resultCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}

/** True for an error of SQLite itself: the file is locked, full, damaged or cannot be accessed. */
export function isSqliteError(error: unknown): boolean {
  return resultCode(error) !== undefined;
}

/** True when another connection held a lock for longer than the busy timeout. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
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
