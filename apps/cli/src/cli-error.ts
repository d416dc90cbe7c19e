import { DomainError, errorMessage } from '#domain';
import { InvalidSettingError } from '#shared/settings/invalid-setting-error';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** Ends a command with one line on standard error and an exit code. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code = 'CLI.FAILED';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Returns an error for wrong usage, or for a name that does not exist. */
export function usageError(message: string): CliError {
  return new CliError(EXIT.usage, message);
}

/** Returns the exit code for any error. An error that is neither the domain's nor the settings' is one of the stores. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof DomainError || error instanceof InvalidSettingError) return EXIT.usage;
  return EXIT.unavailable;
}

/** Returns the message of any error as one line. */
export function errorLine(error: unknown): string {
  const message = errorMessage(error);
  return message.replace(/\s*\n\s*/g, ' ').trim();
}
