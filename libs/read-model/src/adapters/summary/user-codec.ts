import type { BindingRow, ConnectionRow, UserRow } from '../../users/users-state.ts';

/** The part of a User that counts: Service, flag position of the last connect, Connections, Bindings. */
type CountedUser = readonly [
  serviceSid: string,
  answerFlag: string | null,
  connections: readonly (readonly [sid: string, counted: 0 | 1])[],
  bindings: readonly string[],
];

/** Returns the text of a User for `summary_states`: short, because it is written with each of its events. */
export function countedUserText(row: UserRow): string {
  const counted: CountedUser = [
    row.serviceSid,
    row.answerFlag,
    row.connections.map((connection) => [connection.sid, connection.counted ? 1 : 0]),
    row.bindings.map(({ sid }) => sid),
  ];
  return JSON.stringify(counted);
}

/** Returns the row of a User with what {@link countedUserText} has written; everything else is empty. */
export function toCountedUser(sid: string, text: string): UserRow {
  // Only this program writes it.
  const [serviceSid, answerFlag, connections, bindings] = JSON.parse(text) as CountedUser;
  return {
    ...EMPTY_USER,
    sid,
    serviceSid,
    answerFlag,
    connections: connections.map(([connection, counted]) => ({
      ...EMPTY_CONNECTION,
      sid: connection,
      counted: counted === 1,
    })),
    bindings: bindings.map((binding) => ({ ...EMPTY_BINDING, sid: binding })),
  };
}

const EMPTY_USER: UserRow = {
  kind: 'user',
  sid: '',
  serviceSid: '',
  identity: '',
  friendlyName: null,
  attributes: '',
  roleSid: null,
  createdAt: '',
  createdPosition: '',
  updatedAt: '',
  changedPosition: '',
  lastConnectPosition: null,
  answerFlag: null,
  answeredSince: null,
  onlineChangedAt: null,
  lastOnlineAt: null,
  connections: [],
  bindings: [],
};

const EMPTY_CONNECTION: ConnectionRow = {
  sid: '',
  transport: 'http',
  node: null,
  deviceId: null,
  ttlSeconds: null,
  openedAt: '',
  openedPosition: '',
  counted: true,
};

const EMPTY_BINDING: BindingRow = {
  sid: '',
  bindingType: 'fcm',
  address: '',
  endpoint: '',
  createdAt: '',
  createdPosition: '',
  updatedAt: '',
};
