/** A line of a file of Users that cannot be taken over. */
export class UnusableLineError extends Error {
  override readonly name = 'UnusableLineError';
  readonly code = 'IMPORT.UNUSABLE_LINE';

  /** @param line counted from 1; of a record of several lines, the first */
  constructor(line: number, reason: string) {
    super(`Line ${line}: ${reason}`);
  }
}
