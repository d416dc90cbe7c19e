import type { OwnerRecord } from '#event-store';

/** This process must not write to the log any more: its data folder is not the owner. */
export class LogClaimLostError extends Error {
  override readonly name = 'LogClaimLostError';
  readonly code = 'EVENT_STORE.TAKEN_OVER';

  /** @param record what the log says about its owner now */
  constructor({ owner, status }: OwnerRecord) {
    super(
      status === 'forgotten'
        ? 'An operator has taken the event store from this data directory (nodes forget)'
        : `The event store is in use with ${owner.description} now, as this process gave no sign of life or was forgotten`,
    );
  }
}
