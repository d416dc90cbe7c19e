import { InvalidEventError } from '#domain';
import { DamagedFileError, StoreDiffersError, UnreadableEventError } from '#event-store';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { asFileFailure } from '../io/file-failures.ts';

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
    if (error instanceof UnreadableEventError || error instanceof InvalidEventError) {
      throw new CliError(EXIT.no, `${doing}: ${error.message}; see reachability store verify`);
    }
    return asFileFailure(doing)(error);
  };
}
