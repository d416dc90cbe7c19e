import { errorMessage } from '#domain';

/** Maximum length of a record: more than any User takes, so that a file of something else is not read whole. */
export const MAX_RECORD_LENGTH = 1 << 20;
export const TOO_LONG = `Longer than ${MAX_RECORD_LENGTH} characters`;

/** A line of a file of Users that is invalid. */
export class InvalidLineError extends Error {
  override readonly name = 'InvalidLineError';
  readonly code = 'IMPORT.INVALID_LINE';

  /** @param line counted from 1; the first line of a record that has several */
  constructor(line: number, reason: string) {
    super(`Line ${line}: ${reason}`);
  }
}

/** Returns the result of `read`. @throws InvalidLineError with the line, where `read` throws */
export function atLine<T>(line: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new InvalidLineError(line, errorMessage(error));
  }
}
