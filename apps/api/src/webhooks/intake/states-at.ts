import {
  InvalidEventError,
  UnknownEventTypeError,
  type EventLog,
  type Position,
} from '#event-store';
import type { EventRef } from '#projections';
import { StatesAsOf } from '#projections/states-as-of';
import { usersProjection, type UsersState } from '#read-model';

/** What a stream says up to a place, or why that cannot be read. */
export type StateAt =
  | { readonly kind: 'read'; readonly state: UsersState | null }
  | { readonly kind: 'unreadable'; readonly error: Error };

/**
 * Folds one stream up to a place of the log, that included. Costs as much as the stream is long until there.
 *
 * @throws EventStoreError where the log cannot be read
 */
export async function stateAt(
  log: Pick<EventLog, 'readStream'>,
  stream: string,
  position: Position | null,
  skipped: readonly EventRef[] = [],
): Promise<StateAt> {
  if (position === null) return { kind: 'read', state: null };
  const streams = new StatesAsOf(usersProjection, log, skipped);
  try {
    return { kind: 'read', state: await streams.stateBefore(stream, justAfter(position)) };
  } catch (error) {
    if (error instanceof InvalidEventError || error instanceof UnknownEventTypeError) {
      return { kind: 'unreadable', error };
    }
    throw error;
  } finally {
    await streams.close();
  }
}

/** Places have one width: what begins with one and goes on sorts after it, and before the next. */
function justAfter(position: Position): string {
  return `${position}0`;
}
