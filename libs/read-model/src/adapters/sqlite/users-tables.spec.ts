import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { integer } from '#projections/adapters/columns';
import type { ConnectionRow, UserRow } from '../../users/users-state.ts';
import { USERS_SCHEMA } from './schema.ts';
import { UsersTables } from './users-tables.ts';

const AT = '2026-01-01T00:00:00.000Z';
const KEY = 'user-US1';

function connection(sid: string): ConnectionRow {
  return {
    sid,
    transport: 'stream',
    node: null,
    deviceId: null,
    ttlSeconds: null,
    openedAt: AT,
    openedPosition: sid,
    counted: true,
  };
}

function userWith(connections: readonly ConnectionRow[]): UserRow {
  return {
    kind: 'user',
    sid: 'US1',
    serviceSid: 'IS1',
    identity: 'ada',
    friendlyName: null,
    attributes: '{}',
    roleSid: null,
    createdAt: AT,
    createdPosition: '1',
    updatedAt: AT,
    changedPosition: '2',
    lastConnectPosition: '2',
    answerFlag: null,
    answeredSince: null,
    onlineChangedAt: AT,
    lastOnlineAt: null,
    connections,
    bindings: [],
  };
}

describe('The tables of Users write', () => {
  let db: DatabaseSync;
  let tables: UsersTables;
  const [a, b, c] = [connection('CN1'), connection('CN2'), connection('CN3')];
  const two = userWith([a, b]);

  beforeEach(() => {
    db = new DatabaseSync(':memory:');
    db.exec(USERS_SCHEMA);
    tables = new UsersTables(db);
    tables.save([[KEY, two, null]]);
  });

  /** Rows that a change of the User writes and removes, its own among them. */
  const rowsWritten = (after: UserRow, before?: UserRow | null): number => {
    const total = () => integer(db.prepare('SELECT total_changes() AS n').get() ?? {}, 'n');
    const start = total();
    tables.save([before === undefined ? [KEY, after] : [KEY, after, before]]);
    return total() - start;
  };
  const stored = () => tables.load([KEY]).get(KEY);

  it('one Connection that opens, and none of the others', () => {
    const three = userWith([a, b, c]);
    expect(rowsWritten(three, two)).toBe(2);
    expect(stored()).toEqual(three);
  });

  it('one Connection that closes, and none of the others', () => {
    const one = userWith([b]);
    expect(rowsWritten(one, two)).toBe(2);
    expect(stored()).toEqual(one);
  });

  it('a Connection that changes', () => {
    const changed = userWith([a, { ...b, ttlSeconds: 60 }]);
    expect(rowsWritten(changed, two)).toBe(2);
    expect(stored()).toEqual(changed);
  });

  it('all Connections in place of those that are stored, where these are not known', () => {
    const other = userWith([c]);
    rowsWritten(other);
    expect(stored()).toEqual(other);
  });
});
