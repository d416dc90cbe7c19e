import { serviceStream, userStream } from '#domain';
import type { RecordedEvent } from '#event-store';
import { countOpen } from '../users/evolve-user.ts';
import { usersProjection } from '../users/users-projection.ts';
import type { ServiceRow, UserRow, UsersState } from '../users/users-state.ts';
import { toAuditedEvent, effectiveTimes, type AuditedEvent } from './effective-times.ts';

/** What a User and its Service had come to at some moment, with the events that led there. */
export interface UserPast {
  readonly user: UserRow | null;
  readonly service: ServiceRow | null;
  /** Everything up to the moment, in log order: of the User, of its Service and of the nodes it was held by. */
  readonly events: readonly AuditedEvent[];
  /** The latest event at which the last counted Connection closed, since the User was created. */
  readonly wentOffline: AuditedEvent | null;
  /** The latest event at which the last Binding was removed, since the User was created. */
  readonly becameUnbound: AuditedEvent | null;
}

/**
 * Folds the history of one User up to a moment, by the same function that builds the read model.
 *
 * @param history whole streams of the User, its Service and the nodes that held its Connections, in any order
 * @param asOf ISO 8601; events that count at this time or before are taken in. Null takes them all
 * @throws UnknownEventTypeError, InvalidEventError
 */
export function userPast(
  history: readonly RecordedEvent[],
  { serviceSid, userSid }: { readonly serviceSid: string; readonly userSid: string },
  asOf: string | null,
): UserPast {
  const inOrder = history.toSorted((a, b) => (a.position < b.position ? -1 : 1));
  const events = effectiveTimes(inOrder)
    .filter(({ effectiveAt }) => asOf === null || effectiveAt <= asOf)
    .map(toAuditedEvent);
  const states = new Map<string, UsersState>();
  const lookup = (key: string): UsersState | null => states.get(key) ?? null;
  const turns: Turns = { wentOffline: null, becameUnbound: null };
  for (const item of events) {
    const { recorded, event, effectiveAt } = item;
    const key = usersProjection.keyOf(recorded);
    const before = lookup(key);
    const { stream, revision, position, metadata } = recorded;
    const projected = { event, stream, revision, position, effectiveAt, metadata };
    const after = usersProjection.evolve(before, projected, lookup);
    if (after === null) states.delete(key);
    else states.set(key, after);
    updateTurns(turns, before, after, item);
  }
  const user = lookup(userStream(userSid));
  const service = lookup(serviceStream(serviceSid));
  return {
    user: user?.kind === 'user' && user.serviceSid === serviceSid ? user : null,
    service: service?.kind === 'service' ? service : null,
    events,
    ...turns,
  };
}

interface Turns {
  wentOffline: AuditedEvent | null;
  becameUnbound: AuditedEvent | null;
}

function updateTurns(
  turns: Turns,
  before: UsersState | null,
  after: UsersState | null,
  item: AuditedEvent,
): void {
  if (after?.kind !== 'user') return;
  if (before?.kind !== 'user') {
    Object.assign(turns, { wentOffline: null, becameUnbound: null });
    return;
  }
  if (countOpen(before.connections) > 0 && countOpen(after.connections) === 0) {
    turns.wentOffline = item;
  }
  if (before.bindings.length > 0 && after.bindings.length === 0) turns.becameUnbound = item;
}
