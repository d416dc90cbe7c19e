import { describe, expect, it } from '@jest/globals';
import { isSid, roleSids } from '../sids.ts';
import { defaultRoles } from './roles.ts';

const SERVICE = `IS${'1'.repeat(32)}`;

describe('The Roles of a Service', () => {
  it('are the three default Roles', () => {
    expect(defaultRoles(SERVICE).map(({ sid }) => sid)).toEqual(Object.values(roleSids(SERVICE)));
    expect(
      defaultRoles(SERVICE).map(({ friendlyName, type }) => `${friendlyName}: ${type}`),
    ).toEqual(['service user: deployment', 'channel user: channel', 'channel admin: channel']);
  });

  it('have sids that differ from each other and between Services', () => {
    const sids = [SERVICE, `IS${'2'.repeat(32)}`].flatMap((service) =>
      defaultRoles(service).map(({ sid }) => sid),
    );
    expect(new Set(sids).size).toBe(6);
    expect(sids.every((sid) => isSid('RL', sid))).toBe(true);
  });

  it('give a channel admin more permissions than a channel user, and none twice', () => {
    const [, user, admin] = defaultRoles(SERVICE);
    expect(admin?.permissions).toContain('deleteAnyMessage');
    expect(user?.permissions).not.toContain('deleteAnyMessage');
    for (const { permissions } of defaultRoles(SERVICE)) {
      expect(new Set(permissions).size).toBe(permissions.length);
    }
  });
});
