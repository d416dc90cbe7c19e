import { EventError } from '#domain';
import { justAfter, UnreadableEventError, type EventLog, type Position } from '#event-store';
import type { EventRef } from '#projections';
import { StatesAsOf } from '#projections/states-as-of';
import { usersProjection, type UsersState } from '#read-model';

/** The state of a stream at a position, or the error that keeps it from being read. */
type StreamStateAt =
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
  skipped: readonly EventRef[] = [],
): Promise<StreamStateAt> {
  if (position === null) return { kind: 'read', state: null };
  const streams = new StatesAsOf(usersProjection, log, skipped);
  try {
    return { kind: 'read', state: await streams.stateBefore(stream, justAfter(position)) };
  } catch (error) {
    if (error instanceof EventError || error instanceof UnreadableEventError) {
      return { kind: 'unreadable', error };
    }
    throw error;
  } finally {
    await streams.close();
  }
}
