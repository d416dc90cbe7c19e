import { CloseCause, serviceEventSchemas, userEventSchemas } from '#domain';
import {
  flag,
  integer,
  oneOf,
  text,
  textOrNull,
  UnexpectedColumnError,
  type SqlRow,
} from '#projections/adapters/columns';
import type { FactCause, ServiceFact, UserFact } from '../timeline/timeline-state.ts';

const CLOSE_CAUSES = CloseCause.anyOf.map((literal) => literal.const);

export function toUserFact(row: SqlRow): UserFact {
  const position = text(row, 'position');
  return {
    kind: 'user',
    userSid: text(row, 'user_sid'),
    serviceSid: text(row, 'service_sid'),
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
    valueChange: text(row, 'turn'),
    ordinal: integer(row, 'ordinal'),
    cause: {
      type: eventType(row),
      subjectSid: textOrNull(row, 'subject_sid'),
      deviceId: textOrNull(row, 'device_id'),
      closeCause: row['close_cause'] === null ? null : oneOf(row, 'close_cause', CLOSE_CAUSES),
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
      type: eventType(row),
      subjectSid: null,
      deviceId: null,
      closeCause: null,
      lastSeenAt: null,
      actor: text(row, 'actor'),
    },
  };
}

function eventType(row: SqlRow): FactCause['type'] {
  const type = text(row, 'type');
  if (!isEventType(type)) throw new UnexpectedColumnError('type', 'an event type');
  return type;
}

function isEventType(type: string): type is FactCause['type'] {
  return Object.hasOwn(userEventSchemas, type) || Object.hasOwn(serviceEventSchemas, type);
}
