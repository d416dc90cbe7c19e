import { toPositionNumber, type Position } from '#event-store';
import { integer, text, textOrNull, type SqlRow } from '#projections/adapters/columns';
import type { UserFact } from '../../../timeline/timeline-state.ts';
import { CLOSE_CAUSES, TYPES } from './fact-codes.ts';
import type { LogPositions } from './log-positions.ts';

/** Values of a row of `user_facts`, in order of its columns. */
export type UserFactRow = readonly [position: number, ...others: (string | number | null)[]];

export const USER_FACT_COLUMNS = 20;

/** The User of a fact and its Service, whose sids a row does not have. */
export type FactOwner = Pick<UserFact, 'userSid' | 'serviceSid'>;

/**
 * Returns the row of a fact.
 *
 * @param service number of the position at which the User's Service was created, if known
 */
export function toUserFactRow(
  { cause, ...fact }: UserFact,
  user: number,
  service: number | null,
): UserFactRow {
  return [
    toPositionNumber(fact.position),
    user,
    service,
    fact.at,
    fact.exists ? fact.createdAt : null,
    numberOrNull(fact.lastConnectPosition),
    fact.answeredSince,
    fact.onlineChangedAt,
    fact.lastOnlineAt,
    fact.openConnections,
    fact.bindingCount,
    numberOrNull(fact.previous),
    toPositionNumber(fact.valueChange),
    fact.ordinal,
    TYPES.codeOf(cause.type),
    cause.subjectSid,
    cause.deviceId,
    cause.closeCause === null ? null : CLOSE_CAUSES.codeOf(cause.closeCause),
    cause.lastSeenAt,
    cause.actor,
  ];
}

/** Returns the fact in a row. */
export function toUserFact(
  row: SqlRow,
  { userSid, serviceSid }: FactOwner,
  positions: LogPositions,
): UserFact {
  const position = positions.in(row, 'position');
  const createdAt = textOrNull(row, 'created_at');
  return {
    kind: 'user',
    userSid,
    serviceSid,
    position,
    at: text(row, 'at'),
    exists: createdAt !== null,
    createdAt: createdAt ?? '',
    changedPosition: position,
    lastConnectPosition: positions.orNullIn(row, 'last_connect'),
    answeredSince: textOrNull(row, 'answered_since'),
    onlineChangedAt: textOrNull(row, 'online_changed_at'),
    lastOnlineAt: textOrNull(row, 'last_online_at'),
    openConnections: integer(row, 'open_connections'),
    bindingCount: integer(row, 'bindings'),
    previous: positions.orNullIn(row, 'previous'),
    valueChange: positions.in(row, 'value_change'),
    ordinal: integer(row, 'ordinal'),
    cause: {
      type: TYPES.wordIn(row),
      subjectSid: textOrNull(row, 'subject_sid'),
      deviceId: textOrNull(row, 'device_id'),
      closeCause: row['close_cause'] === null ? null : CLOSE_CAUSES.wordIn(row),
      lastSeenAt: textOrNull(row, 'last_seen_at'),
      actor: text(row, 'actor'),
    },
  };
}

function numberOrNull(position: Position | null): number | null {
  return position === null ? null : toPositionNumber(position);
}
