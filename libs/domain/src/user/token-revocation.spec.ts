import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { given, stateAfter } from '../../../../test/support/given.ts';
import { userSid } from '../sids.ts';
import { acceptedFrom, isTokenRevoked } from './token-revocation.ts';
import type { UserEvent } from './user-events.ts';
import { userDecider } from './user.ts';

const serviceSid = `IS${'1'.repeat(32)}`;
const identity = 'alice';
const ids = { serviceSid, userSid: userSid(serviceSid, identity) };
const at = '2026-03-04T05:06:07.500Z';
const second = Math.floor(Date.parse(at) / 1_000);
const earlier = '2026-03-04T05:06:06.000Z';
const node = { nodeId: 'node-a', incarnation: 1 };

const profile = { friendlyName: null, attributes: '{}', roleSid: null };
const created: UserEvent = { type: 'UserCreated', data: { ...ids, identity, ...profile } };
const deleted: UserEvent = { type: 'UserDeleted', data: { ...ids, revokedAt: at } };
const revoked: UserEvent = { type: 'TokensRevoked', data: { ...ids, revokedAt: at } };
const socket = { transport: 'stream', node, deviceId: null, ttlSeconds: null } as const;
const http = { transport: 'http', node: null, deviceId: null, ttlSeconds: 300 } as const;
const opened = (connectionSid: string, how: typeof socket | typeof http = socket): UserEvent => ({
  type: 'ConnectionOpened',
  data: { ...ids, connectionSid, ...how },
});
const closed = (connectionSid: string): UserEvent => ({
  type: 'ConnectionClosed',
  data: { ...ids, connectionSid, cause: 'admin', lastSeenAt: at },
});
const open = (issuedAt: number | null) =>
  ({
    type: 'OpenConnection',
    connectionSid: 'CN1',
    ...socket,
    createAs: { serviceSid, identity },
    token: { issuedAt },
  }) as const;
const revoke = { type: 'RevokeTokens', at } as const;

describe('Revoking the tokens of a User', () => {
  it('is recorded once', () => {
    given(userDecider, [created]).when(revoke).then([revoked]);
    given(userDecider, [created, revoked]).when(revoke).then([]);
  });

  it('closes the Connections of its clients, and not those of other gateways', () => {
    given(userDecider, [created, opened('CN1'), opened('CN2', http), opened('CN3')])
      .when(revoke)
      .then([revoked, closed('CN1'), closed('CN3')]);
  });

  it('is not taken back by a later one of a node whose clock is behind', () => {
    given(userDecider, [created, revoked]).when({ type: 'RevokeTokens', at: earlier }).then([]);
    given(userDecider, [created, revoked])
      .when({ type: 'DeleteUser', at: earlier })
      .then([deleted]);
  });
});

describe.each([
  ['after a revocation', [created, revoked]],
  ['after the deletion of its User', [created, deleted]],
  ['once the User that was deleted is made again', [created, deleted, created]],
])('A token, %s,', (_, history) => {
  it.each([
    ['issued before', second - 1],
    ['issued in the same second', second],
    ['issued in a fraction of the same second', second + 0.9],
    ['that does not say when it was issued', null],
  ])('is refused if it was %s', (_what, issuedAt) => {
    given(userDecider, history).when(open(issuedAt)).thenRefused('TOKEN.REVOKED');
  });

  it('opens a Connection if it was issued in a later second', () => {
    const { status } = stateAfter(userDecider, history);
    const creation = status === 'active' ? [] : [created];
    given(userDecider, history)
      .when(open(second + 1))
      .then([...creation, opened('CN1')]);
  });

  it('is not asked for where a gateway opens the Connection with an API key', () => {
    const byGateway = { type: 'OpenConnection', connectionSid: 'CN1', ...http } as const;
    const there = { ...byGateway, createAs: { serviceSid, identity } };
    expect(() => userDecider.decide(there, stateAfter(userDecider, history))).not.toThrow();
  });
});

describe('A token', () => {
  it.each([0, null])('is not refused while nothing was revoked (issued at %s)', (issuedAt) => {
    given(userDecider, [created])
      .when(open(issuedAt))
      .then([opened('CN1')]);
    given(userDecider, [])
      .when(open(issuedAt))
      .then([created, opened('CN1')]);
  });

  it('is not refused because of a deletion that was recorded before revocations existed', () => {
    const old: UserEvent = { type: 'UserDeleted', data: ids };
    given(userDecider, [created, old])
      .when(open(0))
      .then([created, opened('CN1')]);
  });

  it('is refused exactly if it was issued before the time that the revocation names', () => {
    const time = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') });
    fc.assert(
      fc.property(time, fc.integer({ min: 0, max: 4_102_444_800 }), (date, issuedAt) => {
        const revokedAt = date.toISOString();
        expect(isTokenRevoked(revokedAt, issuedAt)).toBe(
          issuedAt * 1_000 < Date.parse(acceptedFrom(revokedAt)),
        );
      }),
    );
  });
});
