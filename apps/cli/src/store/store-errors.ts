import { InvalidEventError } from '#domain';
import {
  DamagedFileError,
  NewerExportError,
  StoreDiffersError,
  UnreadableEventError,
} from '#event-store';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { rethrowFileError } from '../io/file-errors.ts';

/**
 * Returns a handler that throws the CliError for an error of a transfer: exit code 1 for damage and differences, wrong
 * usage for a file that cannot be opened, 3 for one of a newer program.
 *
 * @param failure such as "Cannot read log.ndjson"
 */
export function rethrowStoreError(failure: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof DamagedFileError || error instanceof StoreDiffersError) {
      throw new CliError(EXIT.failed, `${failure}: ${error.message}. Nothing was written.`);
    }
    if (error instanceof NewerExportError) {
      throw new CliError(EXIT.unavailable, `${failure}: ${error.message}. Nothing was written.`);
    }
    if (error instanceof UnreadableEventError || error instanceof InvalidEventError) {
      throw new CliError(
        EXIT.failed,
        `${failure}: ${error.message}; see reachability store verify`,
      );
    }
    return rethrowFileError(failure)(error);
  };
}
