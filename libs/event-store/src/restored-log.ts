import { setTimeout as delay } from 'node:timers/promises';
import { EventStoreError } from './errors.ts';
import type { EventLog } from './event-store.ts';
import type { Position } from './position.ts';

/** An event that a follower of the log has seen: the proof that the log has not gone back since. */
export interface SeenEvent {
  readonly position: Position;
  readonly id: string;
}

/** The log went back: it lacks an event that a follower has seen. An older copy of it was restored. */
export class LogRestoredError extends EventStoreError {
  override readonly name = 'LogRestoredError';
  readonly code = 'EVENT_STORE.RESTORED';
}

/** A server that is just starting, or a replica that is behind, must not pass for a restored log. */
const ATTEMPTS = 3;
const RETRY_AFTER_MS = 200;

/**
 * Settles if the log still has an event that a follower has seen. A follower that has seen none, or does not know its
 * id, is always right.
 *
 * @param follower named in the error
 * @throws LogRestoredError when the log has no event there, or another one
 * @throws EventStoreUnavailableError
 */
export async function assertNotRestored(
  log: Pick<EventLog, 'eventIdAt'>,
  seen: SeenEvent | null,
  follower: string,
): Promise<void> {
  if (seen === null) return;
  for (let attempt = 1; ; attempt += 1) {
    const id = await log.eventIdAt(seen.position);
    if (id === seen.id) return;
    if (attempt >= ATTEMPTS) {
      const found = id === null ? 'no event' : `event ${id}`;
      throw new LogRestoredError(
        `The log was restored from an older copy: ${follower} has seen event ${seen.id} at ${seen.position}, where the log has ${found}`,
      );
    }
    await delay(RETRY_AFTER_MS);
  }
}
