import { DomainError, errorMessage } from '#domain';
import { InvalidSettingError } from '#shared/settings/invalid-setting-error';
import { RefusedError } from '#shared/use-cases/refused-error';
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

/** Errors of the input. All others are errors of the stores. */
const USAGE_ERRORS = [DomainError, InvalidSettingError, RefusedError] as const;

/** Returns the exit code for any error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  return USAGE_ERRORS.some((type) => error instanceof type) ? EXIT.usage : EXIT.unavailable;
}

/** Returns the message of any error as one line. */
export function errorLine(error: unknown): string {
  const message = errorMessage(error);
  return message.replace(/\s*\n\s*/g, ' ').trim();
}
