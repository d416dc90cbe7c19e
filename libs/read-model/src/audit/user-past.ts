import { serviceStream, userStream } from '#domain';
import { byPosition, type RecordedEvent } from '#event-store';
import { toProjectedEvent } from '#projections';
import { countOpen } from '../users/evolve-user.ts';
import { usersProjection } from '../users/users-projection.ts';
import type { ServiceRow, UserRow, UsersState } from '../users/users-state.ts';
import { toAuditedEvent, effectiveTimes, type AuditedEvent } from './effective-times.ts';
import { isUpTo, type HistoryEnd } from './history-end.ts';

/** Events between two pauses of a fold: they take about a millisecond. */
const EVENTS_PER_STEP = 200;

/** The state of a User and its Service at some time, with the events that led to it. */
export interface UserPast {
  readonly user: UserRow | null;
  readonly service: ServiceRow | null;
  /** All events up to that time, in log order, of the User, its Service and the nodes of its Connections. */
  readonly events: readonly AuditedEvent[];
  /** The latest close of the last counted Connection since the User was created. */
  readonly wentOffline: AuditedEvent | null;
  /** The latest removal of the last Binding since the User was created. */
  readonly lostLastBinding: AuditedEvent | null;
}

/**
 * Folds the history of one User, with the same function that builds the read model.
 *
 * @param history whole streams of the User, its Service and the nodes that held its Connections, in any order
 * @param pause awaited again and again during a long fold, so that its caller can do something else
 * @throws UnknownEventTypeError, InvalidEventError
 */
export async function userPast(
  history: readonly RecordedEvent[],
  { serviceSid, userSid }: { readonly serviceSid: string; readonly userSid: string },
  end: HistoryEnd,
  pause: () => Promise<void> | void = () => undefined,
): Promise<UserPast> {
  const inOrder = history.toSorted(byPosition);
  const events: AuditedEvent[] = [];
  const states = new Map<string, UsersState>();
  const lookup = (key: string): UsersState | null => states.get(key) ?? null;
  const valueChanges: ValueChanges = { wentOffline: null, lostLastBinding: null };
  for (const timed of effectiveTimes(inOrder).filter((each) => isUpTo(end, each))) {
    const item = toAuditedEvent(timed);
    if (events.push(item) % EVENTS_PER_STEP === 0) await pause();
    const { recorded, event, effectiveAt } = item;
    const key = usersProjection.keyOf(recorded);
    const before = lookup(key);
    const projected = toProjectedEvent(recorded, event, effectiveAt);
    const after = usersProjection.evolve(before, projected, lookup);
    if (after === null) states.delete(key);
    else states.set(key, after);
    updateValueChanges(valueChanges, before, after, item);
  }
  const user = lookup(userStream(userSid));
  const service = lookup(serviceStream(serviceSid));
  return {
    user: user?.kind === 'user' && user.serviceSid === serviceSid ? user : null,
    service: service?.kind === 'service' ? service : null,
    events,
    ...valueChanges,
  };
}

interface ValueChanges {
  wentOffline: AuditedEvent | null;
  lostLastBinding: AuditedEvent | null;
}

function updateValueChanges(
  valueChanges: ValueChanges,
  before: UsersState | null,
  after: UsersState | null,
  item: AuditedEvent,
): void {
  if (after?.kind !== 'user') return;
  if (before?.kind !== 'user') {
    Object.assign(valueChanges, { wentOffline: null, lostLastBinding: null });
    return;
  }
  if (countOpen(before.connections) > 0 && countOpen(after.connections) === 0) {
    valueChanges.wentOffline = item;
  }
  if (before.bindings.length > 0 && after.bindings.length === 0)
    valueChanges.lostLastBinding = item;
}
