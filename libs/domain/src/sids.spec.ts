import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bindingSid, deriveSid, isSid, resolveUserSid, roleSids, userSid, uuidV5 } from './sids.ts';

const SERVICE = 'IS0123456789abcdef0123456789abcdef';
const ALICE = 'US11cc6c99dce45605b67fa2e577a32ee5';

describe('Derived ids never change, because existing logs hold them:', () => {
  it('a UUID', () => {
    expect(uuidV5('reachability')).toBe('6388e97b-107e-5c32-b3f3-aafc84ff2b6e');
  });

  it.each([
    ['alice', ALICE],
    ['Alice', 'US16abdc0555c55e1db60f020fd159e657'],
    ['a/b c%20', 'US7ee5d1c2f2c1574d8dc52952ccc9fffb'],
    ['🙂', 'USa3cd868a5c085563b7faefbc33144902'],
  ])('the User %j', (identity, sid) => {
    expect(userSid(SERVICE, identity)).toBe(sid);
  });

  it('a Connection', () => {
    expect(deriveSid('CN', 'session-1')).toBe('CN9f93b04ee2535b42b717c0be9d954127');
  });

  it('a Binding', () => {
    expect(bindingSid(ALICE, 'fcm', 'token-1')).toBe('BSc1f52a7337f05f7e84ac6f4ee2ed27d1');
  });

  it('the Roles of a Service', () => {
    expect(roleSids(SERVICE)).toEqual({
      serviceUser: 'RL687cfc697be35d86a69a04b00c8ce6c4',
      channelUser: 'RLdcf82dcb97f65d3cb9a0962788aaac87',
      channelAdmin: 'RLd7a8ded3139b5af0aaf0d8719b73fcc3',
    });
  });
});

describe('A derived sid', () => {
  it('is the prefix and 32 lower-case hex digits for any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(deriveSid('BS', name)).toMatch(/^BS[0-9a-f]{32}$/);
      }),
    );
  });

  it('differs between Services for the same identity', () => {
    expect(userSid(SERVICE, 'alice')).not.toBe(userSid(`IS${'f'.repeat(32)}`, 'alice'));
  });

  it('differs for identities that only look the same', () => {
    expect(userSid(SERVICE, 'é'.normalize('NFC'))).not.toBe(userSid(SERVICE, 'é'.normalize('NFD')));
  });

  it('of a Binding differs by User, type and address', () => {
    const sids = [
      bindingSid(ALICE, 'fcm', 'token'),
      bindingSid(ALICE, 'apn', 'token'),
      bindingSid(ALICE, 'fcm', 'Token'),
      bindingSid(userSid(SERVICE, 'bob'), 'fcm', 'token'),
    ];
    expect(new Set(sids).size).toBe(4);
  });
});

describe('resolveUserSid', () => {
  it('returns a sid unchanged', () => {
    expect(resolveUserSid(SERVICE, ALICE)).toBe(ALICE);
  });

  it('derives the sid from an identity', () => {
    expect(resolveUserSid(SERVICE, 'alice')).toBe(ALICE);
  });
});

describe('isSid', () => {
  it.each([
    [ALICE, true],
    [ALICE.toUpperCase(), true],
    [SERVICE, false],
    [ALICE.slice(0, -1), false],
    [`${ALICE}0`, false],
    [`${ALICE.slice(0, -1)}\n`, false],
    ['', false],
  ])('says of %j as a User sid: %s', (value, expected) => {
    expect(isSid('US', value)).toBe(expected);
  });
});
