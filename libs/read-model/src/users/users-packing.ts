import type { Packing } from '#projections';
import type {
  BindingRow,
  ConnectionRow,
  ServiceRow,
  NodeRow,
  UserRow,
  UsersState,
} from './users-state.ts';

type PackedConnection = [
  sid: string,
  transport: ConnectionRow['transport'],
  nodeId: string | null,
  incarnation: number,
  deviceId: string | null,
  ttlSeconds: number | null,
  openedAt: string,
  openedPosition: string,
  counted: 0 | 1,
];

/** Without the time of its change where that is the one of its creation. */
type PackedBinding = [
  sid: string,
  bindingType: BindingRow['bindingType'],
  address: string,
  endpoint: string,
  createdAt: string,
  createdPosition: string,
  updatedAt?: string,
];

type PackedUser = [
  serviceSid: string,
  identity: string,
  friendlyName: string | null,
  attributes: string,
  roleSid: string | null,
  createdAt: string,
  createdPosition: string,
  updatedAt: string | null,
  changedPosition: string,
  lastConnectPosition: string | null,
  answeredSince: string | null,
  onlineChangedAt: string | null,
  lastOnlineAt: string | null,
  connections: readonly PackedConnection[],
  bindings: readonly PackedBinding[],
];

/** Most lists are empty most of the time: all of those are one and the same. */
const NONE: readonly never[] = [];
const USER_PREFIX = 'user-'.length;

/** Users as JSON without names; the few Services and nodes with them. */
export const usersPacking: Packing<UsersState> = {
  pack: (state) => JSON.stringify(state.kind === 'user' ? packUser(state) : state),
  unpack: (key, packed) => {
    const value = JSON.parse(packed) as PackedUser | ServiceRow | NodeRow;
    return 'kind' in value ? value : unpackUser(key.slice(USER_PREFIX), value);
  },
};

function packUser(user: UserRow): PackedUser {
  const { connections, bindings } = user;
  return [
    user.serviceSid,
    user.identity,
    user.friendlyName,
    user.attributes,
    user.roleSid,
    user.createdAt,
    user.createdPosition,
    user.updatedAt === user.createdAt ? null : user.updatedAt,
    user.changedPosition,
    user.lastConnectPosition,
    user.answeredSince,
    user.onlineChangedAt,
    user.lastOnlineAt,
    connections.length === 0 ? NONE : connections.map(packConnection),
    bindings.length === 0 ? NONE : bindings.map(packBinding),
  ];
}

function unpackUser(sid: string, packed: PackedUser): UserRow {
  const connections = packed[13];
  const bindings = packed[14];
  return {
    kind: 'user',
    sid,
    serviceSid: packed[0],
    identity: packed[1],
    friendlyName: packed[2],
    attributes: packed[3],
    roleSid: packed[4],
    createdAt: packed[5],
    createdPosition: packed[6],
    updatedAt: packed[7] ?? packed[5],
    changedPosition: packed[8],
    lastConnectPosition: packed[9],
    answeredSince: packed[10],
    onlineChangedAt: packed[11],
    lastOnlineAt: packed[12],
    connections: connections.length === 0 ? NONE : connections.map(unpackConnection),
    bindings: bindings.length === 0 ? NONE : bindings.map(unpackBinding),
  };
}

function packConnection(row: ConnectionRow): PackedConnection {
  return [
    row.sid,
    row.transport,
    row.node === null ? null : row.node.nodeId,
    row.node === null ? 0 : row.node.incarnation,
    row.deviceId,
    row.ttlSeconds,
    row.openedAt,
    row.openedPosition,
    row.counted ? 1 : 0,
  ];
}

function unpackConnection(packed: PackedConnection): ConnectionRow {
  const nodeId = packed[2];
  return {
    sid: packed[0],
    transport: packed[1],
    node: nodeId === null ? null : { nodeId, incarnation: packed[3] },
    deviceId: packed[4],
    ttlSeconds: packed[5],
    openedAt: packed[6],
    openedPosition: packed[7],
    counted: packed[8] === 1,
  };
}

function packBinding(row: BindingRow): PackedBinding {
  const packed: PackedBinding = [
    row.sid,
    row.bindingType,
    row.address,
    row.endpoint,
    row.createdAt,
    row.createdPosition,
  ];
  if (row.updatedAt !== row.createdAt) packed.push(row.updatedAt);
  return packed;
}

function unpackBinding(packed: PackedBinding): BindingRow {
  return {
    sid: packed[0],
    bindingType: packed[1],
    address: packed[2],
    endpoint: packed[3],
    createdAt: packed[4],
    createdPosition: packed[5],
    updatedAt: packed[6] ?? packed[4],
  };
}
