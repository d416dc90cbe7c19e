import { EventError } from '#domain';
import { UnreadableEventError, type EventLog, type Position } from '#event-store';
import type { EventPlace } from '#projections';
import { StatesAsOf } from '#projections/states-as-of';
import { usersProjection, type UsersState } from '#read-model';

/** The state of a stream at a position, or the error that keeps it from being read. */
export type StreamStateAt =
  | { readonly kind: 'read'; readonly state: UsersState | null }
  | { readonly kind: 'unreadable'; readonly error: Error };

/**
 * Folds one stream up to and including a position of the log. The cost grows with the number of its events.
 *
 * @throws EventStoreError where the log cannot be read
 */
export async function streamStateAt(
  log: Pick<EventLog, 'readStream'>,
  stream: string,
  position: Position | null,
  skipped: readonly EventPlace[] = [],
): Promise<StreamStateAt> {
  if (position === null) return { kind: 'read', state: null };
  const streams = new StatesAsOf(usersProjection, log, skipped);
  try {
    return { kind: 'read', state: await streams.before(stream, justAfter(position)) };
  } catch (error) {
    if (error instanceof EventError || error instanceof UnreadableEventError) {
      return { kind: 'unreadable', error };
    }
    throw error;
  } finally {
    await streams.close();
  }
}

/** Positions have a fixed width, so a longer string sorts after its prefix and before the next position. */
function justAfter(position: Position): string {
  return `${position}0`;
}
