import type { LogOwner } from '#event-store';
import { isDatabaseOwner } from './database-owner.ts';

/** The log belongs to another data folder, or to a database, that is alive. The message says what to set. */
export class LogInUseError extends Error {
  override readonly name = 'LogInUseError';
  readonly code = 'EVENT_STORE.IN_USE';

  constructor(owner: LogOwner, self: LogOwner) {
    super(
      `The event store is in use with ${problem(owner, self)}. ` +
        `To overrule this, run: reachability nodes forget ${owner.id}`,
    );
  }
}

function problem(owner: LogOwner, self: LogOwner): string {
  const { id, description } = owner;
  if (isDatabaseOwner(owner)) return `${description}: set DATABASE_URL here, too`;
  if (isDatabaseOwner(self)) {
    return `${description}, without DATABASE_URL: set it for the processes there, too`;
  }
  const which = id === self.id ? 'a copy of this data directory' : 'another data directory';
  return `${which}, ${description}. Processes of one machine must share its DATA_DIR; several machines need DATABASE_URL`;
}
