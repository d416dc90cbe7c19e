import type { CloseCause } from '#domain';
import { flag, integer, text, textOrNull, type SqlRow } from '#projections/adapters/sqlite/columns';
import type { FactCause, ServiceFact, UserFact } from '../../../timeline/timeline-state.ts';

export function toUserFact(row: SqlRow): UserFact {
  const position = text(row, 'position');
  return {
    kind: 'user',
    userSid: text(row, 'user_sid'),
    position,
    at: text(row, 'at'),
    exists: flag(row, 'user_exists'),
    createdAt: text(row, 'created_at'),
    changedPosition: position,
    lastConnectPosition: textOrNull(row, 'last_connect_position'),
    answeredSince: textOrNull(row, 'answered_since'),
    onlineChangedAt: textOrNull(row, 'online_changed_at'),
    lastOnlineAt: textOrNull(row, 'last_online_at'),
    openConnections: integer(row, 'open_connections'),
    bindingCount: integer(row, 'bindings'),
    previous: textOrNull(row, 'previous'),
    turn: text(row, 'turn'),
    ordinal: integer(row, 'ordinal'),
    cause: {
      type: text(row, 'type') as FactCause['type'],
      subjectSid: textOrNull(row, 'subject_sid'),
      deviceId: textOrNull(row, 'device_id'),
      closeCause: textOrNull(row, 'close_cause') as CloseCause | null,
      lastSeenAt: textOrNull(row, 'last_seen_at'),
      actor: text(row, 'actor'),
    },
  };
}

export function toServiceFact(row: SqlRow): ServiceFact {
  return {
    kind: 'service',
    serviceSid: text(row, 'service_sid'),
    position: text(row, 'position'),
    at: text(row, 'at'),
    reachabilityEnabled: flag(row, 'reachability_enabled'),
    flagPosition: textOrNull(row, 'flag_position'),
    flagChangedAt: textOrNull(row, 'flag_changed_at'),
    graceSeconds: integer(row, 'grace_seconds'),
    deleted: flag(row, 'deleted'),
    cause: {
      type: text(row, 'type') as FactCause['type'],
      subjectSid: null,
      deviceId: null,
      closeCause: null,
      lastSeenAt: null,
      actor: text(row, 'actor'),
    },
  };
}
