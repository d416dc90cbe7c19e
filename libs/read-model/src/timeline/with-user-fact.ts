import { isSameReachability, type UserEvent } from '#domain';
import type { ProjectedEvent } from '#projections';
import { countOpen } from '../users/evolve-user.ts';
import type { ServiceRow, UserRow } from '../users/users-state.ts';
import { causeOf } from './fact-cause.ts';
import type { TimelineUser, UserFact } from './timeline-state.ts';
import { valueAt } from './value-at.ts';

type AnswerInputs = Omit<
  UserFact,
  | 'kind'
  | 'userSid'
  | 'serviceSid'
  | 'position'
  | 'at'
  | 'previous'
  | 'valueChange'
  | 'ordinal'
  | 'cause'
>;

/**
 * Adds a fact if the event changes the version of the User's answer.
 *
 * @param before null before the first event of the User
 * @param row the User's row in the `users` projection after the event
 */
export function withUserFact(
  before: TimelineUser | null,
  row: UserRow | null,
  projected: ProjectedEvent<UserEvent>,
  service: ServiceRow | null,
): TimelineUser | null {
  const { event, position, effectiveAt: at, metadata } = projected;
  const known = before ?? (event.type === 'UserCreated' ? event.data : null);
  if (known === null) return null;
  const identity = {
    sid: event.data.userSid,
    serviceSid: known.serviceSid,
    identity: known.identity,
  };
  const rowBefore = before?.row ?? null;
  const rowWithoutProfile = hasProfile(event) ? withoutProfile(row) : row;
  if (!movesVersion(rowBefore, row, position)) {
    return before === null ? null : { ...before, row: rowWithoutProfile };
  }
  const inputs = inputsOf(row, position);
  const valueChanged =
    before === null ||
    !isSameReachability(valueAt(inputsOf(rowBefore, position), service), valueAt(inputs, service));
  const valueChange = valueChanged ? position : before.turn;
  const ordinal = (before?.ordinal ?? 0) + 1;
  const fact: UserFact = {
    kind: 'user',
    userSid: identity.sid,
    serviceSid: identity.serviceSid,
    position,
    at,
    ...inputs,
    previous: before?.latest ?? null,
    valueChange: valueChange,
    ordinal,
    cause: causeOf(event, metadata.actor, rowBefore),
  };
  return {
    kind: 'user',
    ...identity,
    row: rowWithoutProfile,
    first: before?.first ?? position,
    latest: position,
    turn: valueChange,
    ordinal,
    unwritten: { fact, older: before?.unwritten ?? null },
  };
}

function movesVersion(before: UserRow | null, after: UserRow | null, position: string): boolean {
  return after === null ? before !== null : after.changedPosition === position;
}

function inputsOf(row: UserRow | null, position: string): AnswerInputs {
  return {
    exists: row !== null,
    createdAt: row?.createdAt ?? '',
    changedPosition: position,
    lastConnectPosition: row?.lastConnectPosition ?? null,
    answeredSince: row?.answeredSince ?? null,
    onlineChangedAt: row?.onlineChangedAt ?? null,
    lastOnlineAt: row?.lastOnlineAt ?? null,
    openConnections: countOpen(row?.connections ?? []),
    bindingCount: row?.bindings.length ?? 0,
  };
}

function hasProfile({ type }: UserEvent): boolean {
  return type === 'UserCreated' || type === 'UserUpdated';
}

/** Answers about the past do not show the profile, which may be large. */
function withoutProfile(row: UserRow | null): UserRow | null {
  return row === null ? null : { ...row, friendlyName: null, attributes: '', roleSid: null };
}
