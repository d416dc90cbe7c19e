import { usageError } from '../cli-error.ts';

/** Reasons by system error code. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EEXIST: 'already exists',
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
};

/**
 * Returns a handler that throws a usage error for a file that cannot be opened, and any other error as it is.
 *
 * @param failure such as "Cannot read log.ndjson"
 */
export function rethrowFileError(failure: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      const reason = REASONS[error.code];
      if (reason !== undefined) throw usageError(`${failure}: ${reason}`);
    }
    throw error;
  };
}
