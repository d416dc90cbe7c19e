import { DamagedFileError, InvalidEventError, StoreDiffersError } from '#event-store';
import { CliError, usageError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';

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
 * Turns what transfers throw into what the command line answers: damage and differences are a no, a file that
 * cannot be used is wrong usage.
 *
 * @param doing such as "Cannot read log.ndjson"
 */
export function asStoreFailure(doing: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof DamagedFileError || error instanceof StoreDiffersError) {
      throw new CliError(EXIT.no, `${doing}: ${error.message}. Nothing was written.`);
    }
    if (error instanceof InvalidEventError) {
      throw new CliError(EXIT.no, `${doing}: ${error.message}; see reachability store verify`);
    }
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      const reason = FILE_FAILURES[error.code];
      if (reason !== undefined) throw usageError(`${doing}: ${reason}`);
    }
    throw error;
  };
}
