import { BackupError, type CopyOptions } from '#shared/composition/log-backup';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandIo } from '../io/command-io.ts';
import { rethrowFileError } from '../io/file-errors.ts';
import { Progress } from '../io/progress.ts';

/** Runs work that copies a log, and shows its progress. */
export async function withCopyProgress<T>(
  io: CommandIo,
  label: string,
  unit: string,
  work: (options: CopyOptions) => Promise<T>,
): Promise<T> {
  let size: number | null = null;
  const progress = new Progress(io, { label, unit, total: () => size });
  try {
    return await work({
      signal: io.signal,
      onProgress: (done, total) => {
        size = total;
        progress.update(done);
      },
    });
  } finally {
    progress.end();
  }
}

/** Returns a handler that throws the CliError for an error of a backup. @param failure such as "Cannot restore DIR" */
export function rethrowBackupError(failure: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof BackupError)) return rethrowFileError(failure)(error);
    const exitCode = error.code === 'BACKUP.DAMAGED' ? EXIT.failed : EXIT.usage;
    throw new CliError(exitCode, `${failure}: ${error.message}`);
  };
}
