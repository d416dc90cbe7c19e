import { EventStoreError } from '../errors.ts';

/** An export file is truncated, altered, or not an export file. Nothing was written. */
export class DamagedFileError extends EventStoreError {
  override readonly name = 'DamagedFileError';
  readonly code = 'TRANSFER.DAMAGED_FILE';
  /** Line number, from 1. */
  readonly line: number;

  /** @param problem as the end of a sentence that starts with the line number */
  constructor(line: number, problem: string, options?: ErrorOptions) {
    super(`Line ${line} ${problem}`, options);
    this.line = line;
  }
}

/** The store contains other events than the ones to write. Nothing was written. */
export class StoreDiffersError extends EventStoreError {
  override readonly name = 'StoreDiffersError';
  readonly code = 'TRANSFER.STORE_DIFFERS';
}

/** An export file of a newer program. Nothing was written. */
export class NewerExportError extends EventStoreError {
  override readonly name = 'NewerExportError';
  readonly code = 'TRANSFER.NEWER';

  constructor(version: number, known: number) {
    super(`The file has format version ${version}, of a newer program; this one reads ${known}`);
  }
}
