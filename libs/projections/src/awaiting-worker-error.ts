import { errorMessage } from '#domain';

/**
 * What a worker makes of the log in a shared database is missing, or belongs to another log, and this process has not the
 * privileges to make it. It passes once a worker has started.
 */
export class AwaitingWorkerError extends Error {
  override readonly name = 'AwaitingWorkerError';
  readonly code = 'PROJECTION.AWAITING_WORKER';

  /** @param cause the privilege that this process lacks */
  constructor(cause: Error) {
    super(
      `The database has no read model of this log yet. Start a process with ROLE=worker, which makes it: here ${errorMessage(cause)}`,
      { cause },
    );
  }
}
