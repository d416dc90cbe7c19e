import { countOpen } from '../../../users/evolve-user.ts';
import type {
  ApiKeyRow,
  BindingRow,
  ConnectionRow,
  NodeRow,
  ServiceRow,
  UserRow,
} from '../../../users/users-state.ts';
import { BulkUpsert } from '../bulk-upsert.ts';

type Value = string | number | boolean | null;
/** Values of a Connection or a Binding; its sid comes first. */
type ChildValues = readonly [string, ...Value[]];

/** How the rows of each table are written, in the order of the values below. */
export const UPSERTS = {
  services: new BulkUpsert(
    [
      ['sid', 'text'],
      ['settings', 'text'],
      ['reachability_enabled', 'boolean'],
      ['flag_position', 'text'],
      ['flag_changed_at', 'text'],
      ['created_at', 'text'],
      ['created_position', 'text'],
      ['updated_at', 'text'],
      ['deleted', 'boolean'],
    ],
    ['sid'],
  ),
  users: new BulkUpsert(
    [
      ['sid', 'text'],
      ['service_sid', 'text'],
      ['identity', 'text'],
      ['friendly_name', 'text'],
      ['attributes', 'text'],
      ['role_sid', 'text'],
      ['created_at', 'text'],
      ['created_position', 'text'],
      ['updated_at', 'text'],
      ['changed_position', 'text'],
      ['last_connect_position', 'text'],
      ['answered_since', 'text'],
      ['online_changed_at', 'text'],
      ['last_online_at', 'text'],
      ['open_connections', 'bigint'],
      ['connections', 'bigint'],
      ['bindings', 'bigint'],
    ],
    ['sid'],
  ),
  connections: new BulkUpsert(
    [
      ['sid', 'text'],
      ['user_sid', 'text'],
      ['service_sid', 'text'],
      ['transport', 'text'],
      ['node_id', 'text'],
      ['incarnation', 'bigint'],
      ['device_id', 'text'],
      ['ttl_seconds', 'bigint'],
      ['opened_at', 'text'],
      ['opened_position', 'text'],
      ['counted', 'boolean'],
    ],
    ['user_sid', 'sid'],
  ),
  bindings: new BulkUpsert(
    [
      ['sid', 'text'],
      ['user_sid', 'text'],
      ['service_sid', 'text'],
      ['binding_type', 'text'],
      ['address', 'text'],
      ['endpoint', 'text'],
      ['created_at', 'text'],
      ['created_position', 'text'],
      ['updated_at', 'text'],
    ],
    ['user_sid', 'sid'],
  ),
  nodes: new BulkUpsert(
    [
      ['node_id', 'text'],
      ['incarnation', 'bigint'],
      ['running', 'boolean'],
    ],
    ['node_id'],
  ),
  apiKeys: new BulkUpsert(
    [
      ['sid', 'text'],
      ['friendly_name', 'text'],
      ['scopes', 'text'],
      ['services', 'text'],
      ['expires_at', 'text'],
      ['secret_id', 'text'],
      ['previous_secret_id', 'text'],
      ['previous_valid_until', 'text'],
      ['created_at', 'text'],
      ['created_position', 'text'],
      ['updated_at', 'text'],
      ['revoked', 'boolean'],
    ],
    ['sid'],
  ),
} as const;

export function serviceValues(service: ServiceRow): Value[] {
  return [
    service.sid,
    JSON.stringify(service.settings),
    service.reachabilityEnabled,
    service.flagPosition,
    service.flagChangedAt,
    service.createdAt,
    service.createdPosition,
    service.updatedAt,
    service.deleted,
  ];
}

export function userValues(user: UserRow): Value[] {
  return [
    user.sid,
    user.serviceSid,
    user.identity,
    user.friendlyName,
    user.attributes,
    user.roleSid,
    user.createdAt,
    user.createdPosition,
    user.updatedAt,
    user.changedPosition,
    user.lastConnectPosition,
    user.answeredSince,
    user.onlineChangedAt,
    user.lastOnlineAt,
    countOpen(user.connections),
    user.connections.length,
    user.bindings.length,
  ];
}

export function connectionValues(user: UserRow, connection: ConnectionRow): ChildValues {
  return [
    connection.sid,
    user.sid,
    user.serviceSid,
    connection.transport,
    connection.node?.nodeId ?? null,
    connection.node?.incarnation ?? null,
    connection.deviceId,
    connection.ttlSeconds,
    connection.openedAt,
    connection.openedPosition,
    connection.counted,
  ];
}

export function bindingValues(user: UserRow, binding: BindingRow): ChildValues {
  return [
    binding.sid,
    user.sid,
    user.serviceSid,
    binding.bindingType,
    binding.address,
    binding.endpoint,
    binding.createdAt,
    binding.createdPosition,
    binding.updatedAt,
  ];
}

export function nodeValues({ nodeId, incarnation, running }: NodeRow): Value[] {
  return [nodeId, incarnation, running];
}

export function apiKeyValues(key: ApiKeyRow): Value[] {
  return [
    key.sid,
    key.friendlyName,
    JSON.stringify(key.scopes),
    key.services === null ? null : JSON.stringify(key.services),
    key.expiresAt,
    key.secretId,
    key.previousSecret?.secretId ?? null,
    key.previousSecret?.validUntil ?? null,
    key.createdAt,
    key.createdPosition,
    key.updatedAt,
    key.revoked,
  ];
}
