import { EventStoreError } from '../../errors.ts';

/** The file is not an event store, or was written by a newer version of this program. It was left as it is. */
export class UnsupportedFileError extends EventStoreError {
  override readonly name = 'UnsupportedFileError';
  readonly code = 'EVENT_STORE.UNSUPPORTED_FILE';
}
