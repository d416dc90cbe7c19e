import { EventStoreError } from '../errors.ts';

/** An export file that is cut, altered or not one of ours. Nothing was written. */
export class DamagedFileError extends EventStoreError {
  override readonly name = 'DamagedFileError';
  readonly code = 'TRANSFER.DAMAGED_FILE';
  /** Counted from 1. */
  readonly line: number;

  /** @param what is wrong, as the end of a sentence that begins with the line */
  constructor(line: number, what: string, options?: ErrorOptions) {
    super(`Line ${line} ${what}`, options);
    this.line = line;
  }
}

/** The store holds something else than what was to be written to it. Nothing was written. */
export class StoreDiffersError extends EventStoreError {
  override readonly name = 'StoreDiffersError';
  readonly code = 'TRANSFER.STORE_DIFFERS';
}
