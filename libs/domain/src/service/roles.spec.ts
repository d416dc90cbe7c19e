import { describe, expect, it } from '@jest/globals';
import { isSid, roleSids } from '../sids.ts';
import { rolesOf } from './roles.ts';

const SERVICE = `IS${'1'.repeat(32)}`;

describe('The Roles of a Service', () => {
  it('are the three that its defaults name', () => {
    expect(rolesOf(SERVICE).map(({ sid }) => sid)).toEqual(Object.values(roleSids(SERVICE)));
    expect(rolesOf(SERVICE).map(({ friendlyName, type }) => `${friendlyName}: ${type}`)).toEqual([
      'service user: deployment',
      'channel user: channel',
      'channel admin: channel',
    ]);
  });

  it('have sids of their own, which no other Service shares', () => {
    const sids = [SERVICE, `IS${'2'.repeat(32)}`].flatMap((service) =>
      rolesOf(service).map(({ sid }) => sid),
    );
    expect(new Set(sids).size).toBe(6);
    expect(sids.every((sid) => isSid('RL', sid))).toBe(true);
  });

  it('let a channel admin do more than a channel user, and nobody the same thing twice', () => {
    const [, user, admin] = rolesOf(SERVICE);
    expect(admin?.permissions).toContain('deleteAnyMessage');
    expect(user?.permissions).not.toContain('deleteAnyMessage');
    for (const { permissions } of rolesOf(SERVICE)) {
      expect(new Set(permissions).size).toBe(permissions.length);
    }
  });
});
