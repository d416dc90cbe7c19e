import { usageError } from '../cli-error.ts';

/** What is wrong with a file that was named, by its system error code. */
const FILE_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
};

/**
 * Turns a file that cannot be used into wrong usage, and lets all else pass.
 *
 * @param doing such as "Cannot read log.ndjson"
 */
export function asFileFailure(doing: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      const reason = FILE_FAILURES[error.code];
      if (reason !== undefined) throw usageError(`${doing}: ${reason}`);
    }
    throw error;
  };
}
