import type { LogOwner } from '#event-store';

/** The log belongs to another data folder that is alive. The message says what to set. */
export class LogInUseError extends Error {
  override readonly name = 'LogInUseError';
  readonly code = 'EVENT_STORE.IN_USE';

  constructor({ id, description }: LogOwner, self: LogOwner) {
    const which = id === self.id ? 'a copy of this data directory' : 'another data directory';
    super(
      `The event store is in use with ${which}, ${description}. ` +
        'Processes of one machine must share its DATA_DIR; several machines need DATABASE_URL. ' +
        `To overrule this, run: reachability nodes forget ${id}`,
    );
  }
}
