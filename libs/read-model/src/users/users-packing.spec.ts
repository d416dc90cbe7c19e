import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BindingRow, ConnectionRow, UserRow, UsersState } from './users-state.ts';
import { usersPacking } from './users-packing.ts';

const sid = (prefix: string): fc.Arbitrary<string> =>
  fc.nat().map((n) => prefix + n.toString(16).padStart(32, '0'));
const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('\0', '\x01', '\ud800', '{', 'zoë', '😀'),
);
const orNull = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(value);
const time = fc.constantFrom('2025-01-06T00:00:00.001Z', '2025-01-07T11:12:13.456Z');
const position = fc.nat().map((n) => String(n).padStart(20, '0'));

const connection: fc.Arbitrary<ConnectionRow> = fc.record({
  sid: sid('CN'),
  transport: fc.constantFrom('stream', 'twilsock', 'http'),
  node: orNull(fc.record({ nodeId: words, incarnation: fc.nat() })),
  deviceId: orNull(words),
  ttlSeconds: orNull(fc.nat()),
  openedAt: time,
  openedPosition: position,
  counted: fc.boolean(),
});
const binding: fc.Arbitrary<BindingRow> = fc.record({
  sid: sid('BS'),
  bindingType: fc.constantFrom('apn', 'fcm', 'gcm'),
  address: words,
  endpoint: words,
  createdAt: time,
  createdPosition: position,
  updatedAt: time,
});
const user: fc.Arbitrary<UserRow> = fc.record({
  kind: fc.constant('user'),
  sid: sid('US'),
  serviceSid: sid('IS'),
  identity: words,
  friendlyName: orNull(words),
  attributes: words,
  roleSid: orNull(sid('RL')),
  createdAt: time,
  createdPosition: position,
  updatedAt: time,
  changedPosition: position,
  lastConnectPosition: orNull(position),
  answeredSince: orNull(time),
  onlineChangedAt: orNull(time),
  lastOnlineAt: orNull(time),
  connections: fc.array(connection, { maxLength: 3 }),
  bindings: fc.array(binding, { maxLength: 3 }),
});

const repacked = (key: string, state: UsersState): UsersState =>
  usersPacking.unpack(key, usersPacking.pack(state));

describe('Packing states of the users projection', () => {
  it('gives back the very User, its properties in the same order', () => {
    fc.assert(
      fc.property(user, (row) => {
        const again = repacked(`user-${row.sid}`, row);
        expect(again).toEqual(row);
        expect(JSON.stringify(again)).toBe(JSON.stringify(row));
      }),
    );
  });

  it('gives back nodes and Services', () => {
    const node: UsersState = { kind: 'node', nodeId: 'n', incarnation: 3, running: true };
    expect(repacked('node-n', node)).toEqual(node);
  });
});
