import { BINDING_TYPES, Transport, type ServiceSettings } from '#domain';
import {
  flag,
  integer,
  integerOrNull,
  oneOf,
  text,
  textOrNull,
  type SqlRow,
} from '#projections/adapters/columns';
import { memoize } from '../memoize.ts';
import type { UserProfile, UserSummary, UserWithoutProfile } from '../users/user-summary.ts';
import type { BindingOfUser, ConnectionOfUser, NodeConnection } from '../users/users-read-model.ts';
import type {
  BindingRow,
  ConnectionRow,
  NodeRow,
  ServiceRow,
  UserRow,
} from '../users/users-state.ts';

const TRANSPORTS = Transport.anyOf.map((literal) => literal.const);

/** Memoized because settings are read with every User of their Service. */
const parseSettings = memoize((json) => JSON.parse(json) as ServiceSettings);

export function toService(row: SqlRow, prefix = ''): ServiceRow {
  return {
    kind: 'service',
    sid: text(row, `${prefix}sid`),
    settings: parseSettings(text(row, `${prefix}settings`)),
    reachabilityEnabled: flag(row, `${prefix}reachability_enabled`),
    flagPosition: textOrNull(row, `${prefix}flag_position`),
    flagChangedAt: textOrNull(row, `${prefix}flag_changed_at`),
    createdAt: text(row, `${prefix}created_at`),
    createdPosition: text(row, `${prefix}created_position`),
    updatedAt: text(row, `${prefix}updated_at`),
    deleted: flag(row, `${prefix}deleted`),
  };
}

export function toUserSummary(row: SqlRow): UserSummary {
  return {
    ...toSummaryColumns(row),
    openConnections: integer(row, 'open_connections'),
    bindingCount: integer(row, 'bindings'),
  };
}

/** Columns of `users` that {@link toUserWithoutProfile} reads. */
export const COLUMNS_WITHOUT_PROFILE = [
  'sid',
  'service_sid',
  'identity',
  'role_sid',
  'created_at',
  'created_position',
  'updated_at',
  'changed_position',
  'last_connect_position',
  'answered_since',
  'online_changed_at',
  'last_online_at',
  'open_connections',
  'bindings',
];

/** Columns of `users` that {@link toUserSummary} reads. */
export const SUMMARY_COLUMNS = [...COLUMNS_WITHOUT_PROFILE, 'friendly_name', 'attributes'];

export function toUserWithoutProfile(row: SqlRow): UserWithoutProfile {
  return {
    ...toColumnsWithoutProfile(row),
    openConnections: integer(row, 'open_connections'),
    bindingCount: integer(row, 'bindings'),
  };
}

export function toUserProfile(row: SqlRow): UserProfile {
  return {
    sid: text(row, 'sid'),
    friendlyName: textOrNull(row, 'friendly_name'),
    attributes: text(row, 'attributes'),
    changedPosition: text(row, 'changed_position'),
  };
}

/** Returns what a row of `users` has about the User itself, without its Connections and Bindings. */
export function toUserColumns(row: SqlRow): Omit<UserRow, 'kind' | 'connections' | 'bindings'> {
  const answerFlag = text(row, 'answer_flag');
  return { ...toSummaryColumns(row), answerFlag: answerFlag === '' ? null : answerFlag };
}

function toSummaryColumns(row: SqlRow): Omit<UserSummary, 'openConnections' | 'bindingCount'> {
  return { ...toColumnsWithoutProfile(row), ...toUserProfile(row) };
}

function toColumnsWithoutProfile(
  row: SqlRow,
): Omit<UserWithoutProfile, 'openConnections' | 'bindingCount'> {
  return {
    sid: text(row, 'sid'),
    serviceSid: text(row, 'service_sid'),
    identity: text(row, 'identity'),
    roleSid: textOrNull(row, 'role_sid'),
    createdAt: text(row, 'created_at'),
    createdPosition: text(row, 'created_position'),
    updatedAt: text(row, 'updated_at'),
    changedPosition: text(row, 'changed_position'),
    lastConnectPosition: textOrNull(row, 'last_connect_position'),
    answeredSince: textOrNull(row, 'answered_since'),
    onlineChangedAt: textOrNull(row, 'online_changed_at'),
    lastOnlineAt: textOrNull(row, 'last_online_at'),
  };
}

export function toConnection(row: SqlRow): ConnectionRow {
  const nodeId = textOrNull(row, 'node_id');
  return {
    sid: text(row, 'sid'),
    transport: oneOf(row, 'transport', TRANSPORTS),
    node: nodeId === null ? null : { nodeId, incarnation: integer(row, 'incarnation') },
    deviceId: textOrNull(row, 'device_id'),
    ttlSeconds: integerOrNull(row, 'ttl_seconds'),
    openedAt: text(row, 'opened_at'),
    openedPosition: text(row, 'opened_position'),
    counted: flag(row, 'counted'),
  };
}

export function toBinding(row: SqlRow): BindingRow {
  return {
    sid: text(row, 'sid'),
    bindingType: oneOf(row, 'binding_type', BINDING_TYPES),
    address: text(row, 'address'),
    endpoint: text(row, 'endpoint'),
    createdAt: text(row, 'created_at'),
    createdPosition: text(row, 'created_position'),
    updatedAt: text(row, 'updated_at'),
  };
}

export function toNode(row: SqlRow): NodeRow {
  return {
    kind: 'node',
    nodeId: text(row, 'node_id'),
    incarnation: integer(row, 'incarnation'),
    running: flag(row, 'running'),
  };
}

export function toConnectionOfUser(row: SqlRow): ConnectionOfUser {
  return {
    ...toConnection(row),
    userSid: text(row, 'user_sid'),
    serviceSid: text(row, 'service_sid'),
  };
}

export function toNodeConnection(row: SqlRow): NodeConnection {
  const node = { nodeId: text(row, 'node_id'), incarnation: integer(row, 'incarnation') };
  return { ...toConnectionOfUser(row), node };
}

export function toBindingOfUser(row: SqlRow): BindingOfUser {
  return {
    ...toBinding(row),
    userSid: text(row, 'user_sid'),
    identity: text(row, 'identity'),
  };
}
