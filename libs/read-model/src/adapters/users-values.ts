import { countOpen } from '../users/evolve-user.ts';
import { answerState } from '../users/user-selection.ts';
import type {
  ApiKeyRow,
  BindingRow,
  ConnectionRow,
  NodeRow,
  ServiceRow,
  UserRow,
} from '../users/users-state.ts';

/**
 * Values of rows of the `users` projection, in the order of the columns of each table. Truth values are 0 and 1, which
 * every engine takes.
 */
type Values = (string | number | null)[];
/** Values of a Connection or a Binding; its sid comes first. */
type ChildValues = [string, ...Values];

export function serviceValues(service: ServiceRow): Values {
  return [
    service.sid,
    JSON.stringify(service.settings),
    Number(service.reachabilityEnabled),
    service.flagPosition,
    service.flagChangedAt,
    service.createdAt,
    service.createdPosition,
    service.updatedAt,
    Number(service.deleted),
  ];
}

/** The sid and the columns that no event changes come first; then the position of the creation. */
export function userValues(user: UserRow): Values {
  return [
    user.sid,
    user.serviceSid,
    user.identity,
    user.createdPosition,
    ...changingUserValues(user),
  ];
}

/** Values of the columns that events change while the User exists. */
export function changingUserValues(user: UserRow): Values {
  return [
    user.friendlyName,
    user.attributes,
    user.roleSid,
    user.createdAt,
    user.updatedAt,
    user.changedPosition,
    user.lastConnectPosition,
    user.answeredSince,
    user.onlineChangedAt,
    user.lastOnlineAt,
    countOpen(user.connections),
    user.connections.length,
    user.bindings.length,
    user.answerFlag ?? '',
    answerState(countOpen(user.connections), user.bindings.length),
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
    Number(connection.counted),
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

export function nodeValues({ nodeId, incarnation, running }: NodeRow): Values {
  return [nodeId, incarnation, Number(running)];
}

export function apiKeyValues(key: ApiKeyRow): Values {
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
    Number(key.revoked),
  ];
}
