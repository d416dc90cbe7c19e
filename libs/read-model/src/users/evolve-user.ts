import { hasEnded, type UserEvent, type UserEventData } from '#domain';
import { hasReached } from '#event-store';
import type { ProjectedEvent } from '#projections';
import type { BindingRow, ConnectionRow, NodeRow, ServiceRow, UserRow } from './users-state.ts';

/** States that the fold of a User's event looks up: its Service and the node of a Connection. */
export interface UserContext {
  readonly service: ServiceRow | null;
  readonly node: NodeRow | null;
}

/** Folds one event of a User into its row; null once it is deleted. */
export function evolveUser(
  row: UserRow | null,
  projected: ProjectedEvent<UserEvent>,
  context: UserContext,
): UserRow | null {
  const { event, position, effectiveAt } = projected;
  if (event.type === 'UserCreated') return created(event.data, projected);
  if (row === null || event.type === 'UserDeleted') return null;
  switch (event.type) {
    case 'UserUpdated':
      return {
        ...row,
        ...event.data.changes,
        changedPosition: position,
        updatedAt: effectiveAt,
      };
    case 'ConnectionOpened':
      return opened(row, event.data, projected, context);
    case 'ConnectionClosed':
      return closed(row, event.data, projected);
    case 'BindingRegistered': {
      const { bindingSid: sid, bindingType, address, endpoint } = event.data;
      const before = row.bindings.find((binding) => binding.sid === sid);
      const binding: BindingRow = {
        sid,
        bindingType,
        address,
        endpoint,
        createdAt: before?.createdAt ?? effectiveAt,
        createdPosition: before?.createdPosition ?? position,
        updatedAt: effectiveAt,
      };
      const bindings =
        before === undefined
          ? row.bindings.concat(binding)
          : row.bindings.map((other) => (other === before ? binding : other));
      return { ...row, changedPosition: position, bindings };
    }
    case 'BindingRemoved': {
      const { bindingSid } = event.data;
      return { ...row, changedPosition: position, bindings: without(row.bindings, bindingSid) };
    }
    case 'TokensRevoked':
      // The answer about the User does not change, so its version does not.
      return row;
  }
}

/** The number of open Connections that make the User online. */
export function countOpen(connections: readonly ConnectionRow[]): number {
  let open = 0;
  for (const { counted } of connections) if (counted) open += 1;
  return open;
}

/** Shared by all empty lists, since most lists are empty. */
const NONE: readonly never[] = [];

function without<Row extends { readonly sid: string }>(
  rows: readonly Row[],
  gone: string,
): readonly Row[] {
  const index = rows.findIndex(({ sid }) => sid === gone);
  if (index === -1) return rows;
  return rows.length === 1 ? NONE : rows.toSpliced(index, 1);
}

function created(
  data: UserEventData<'UserCreated'>,
  { position, effectiveAt }: ProjectedEvent<UserEvent>,
): UserRow {
  return {
    kind: 'user',
    sid: data.userSid,
    serviceSid: data.serviceSid,
    identity: data.identity,
    friendlyName: data.friendlyName,
    attributes: data.attributes,
    roleSid: data.roleSid,
    createdAt: effectiveAt,
    createdPosition: position,
    updatedAt: effectiveAt,
    changedPosition: position,
    lastConnectPosition: null,
    answerFlag: null,
    answeredSince: null,
    onlineChangedAt: null,
    lastOnlineAt: null,
    connections: NONE,
    bindings: NONE,
  };
}

function opened(
  row: UserRow,
  data: UserEventData<'ConnectionOpened'>,
  { position, effectiveAt }: ProjectedEvent<UserEvent>,
  { service, node }: UserContext,
): UserRow {
  const counted = !openedByEndedNode(data.node, node);
  const connection: ConnectionRow = {
    sid: data.connectionSid,
    transport: data.transport,
    node: data.node,
    deviceId: data.deviceId,
    ttlSeconds: data.ttlSeconds,
    openedAt: effectiveAt,
    openedPosition: position,
    counted,
  };
  const connections = row.connections.concat(connection);
  if (!counted) return { ...row, connections, changedPosition: position };
  const answeredBefore = !hasReached(service?.flagPosition ?? null, row.lastConnectPosition);
  return {
    ...row,
    connections,
    changedPosition: position,
    lastConnectPosition: position,
    answerFlag: service?.flagPosition ?? null,
    answeredSince: answeredBefore ? row.answeredSince : effectiveAt,
    onlineChangedAt: countOpen(row.connections) === 0 ? effectiveAt : row.onlineChangedAt,
  };
}

/** A Connection recorded after the end of its incarnation does not count: its process was fenced. */
function openedByEndedNode(
  opener: UserEventData<'ConnectionOpened'>['node'],
  node: NodeRow | null,
): boolean {
  return opener !== null && node !== null && hasEnded(node, opener.incarnation);
}

function closed(
  row: UserRow,
  { connectionSid, lastSeenAt }: UserEventData<'ConnectionClosed'>,
  { position, effectiveAt }: ProjectedEvent<UserEvent>,
): UserRow {
  const connections = without(row.connections, connectionSid);
  const openBefore = countOpen(row.connections);
  const open = countOpen(connections);
  if (open === openBefore) return { ...row, connections, changedPosition: position };
  return {
    ...row,
    connections,
    changedPosition: position,
    // The Connection that closes last may have been seen earlier than another: its node may have died long before.
    lastOnlineAt: latestTime(lastSeenAt, row.lastOnlineAt),
    onlineChangedAt: open === 0 ? effectiveAt : row.onlineChangedAt,
  };
}

/** The later of two ISO 8601 times; null is earlier than any. */
export function latestTime(a: string, b: string | null): string {
  return b !== null && b > a ? b : a;
}
