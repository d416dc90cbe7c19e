import { describe, expect, it } from '@jest/globals';
import { isSid, roleSids } from '../sids.ts';
import { rolesOf } from './roles.ts';

const SERVICE = `IS${'1'.repeat(32)}`;

describe('The Roles of a Service', () => {
  it('are the three default Roles', () => {
    expect(rolesOf(SERVICE).map(({ sid }) => sid)).toEqual(Object.values(roleSids(SERVICE)));
    expect(rolesOf(SERVICE).map(({ friendlyName, type }) => `${friendlyName}: ${type}`)).toEqual([
      'service user: deployment',
      'channel user: channel',
      'channel admin: channel',
    ]);
  });

  it('have sids that differ from each other and between Services', () => {
    const sids = [SERVICE, `IS${'2'.repeat(32)}`].flatMap((service) =>
      rolesOf(service).map(({ sid }) => sid),
    );
    expect(new Set(sids).size).toBe(6);
    expect(sids.every((sid) => isSid('RL', sid))).toBe(true);
  });

  it('give a channel admin more permissions than a channel user, and none twice', () => {
    const [, user, admin] = rolesOf(SERVICE);
    expect(admin?.permissions).toContain('deleteAnyMessage');
    expect(user?.permissions).not.toContain('deleteAnyMessage');
    for (const { permissions } of rolesOf(SERVICE)) {
      expect(new Set(permissions).size).toBe(permissions.length);
    }
  });
});
