import { describe, expect, it } from '@jest/globals';
import { defaultRoles } from '#domain';
import { rolePage } from './role-page.ts';

const ROLES = defaultRoles(`IS${'1'.repeat(32)}`);
const names = ({ rows }: ReturnType<typeof rolePage>) => rows.map(({ role }) => role.friendlyName);

describe('A page of Roles', () => {
  it('holds all Roles where they fit', () => {
    const page = rolePage(ROLES, { cursor: { after: null }, size: 50 });
    expect(names(page)).toEqual(['service user', 'channel user', 'channel admin']);
    expect(page).toMatchObject({ hasPrevious: false, hasNext: false });
  });

  it('continues after the last Role of a page, and back before its first', () => {
    const first = rolePage(ROLES, { cursor: { after: null }, size: 2 });
    expect(first).toMatchObject({ hasPrevious: false, hasNext: true });
    const second = rolePage(ROLES, { cursor: { after: first.rows[1]!.place }, size: 2 });
    expect(names(second)).toEqual(['channel admin']);
    expect(second).toMatchObject({ hasPrevious: true, hasNext: false });
    const back = rolePage(ROLES, { cursor: { before: second.rows[0]!.place }, size: 2 });
    expect(back).toEqual(first);
  });

  it('is empty after the last Role', () => {
    const page = rolePage(ROLES, { cursor: { after: '0002' }, size: 50 });
    expect(page).toEqual({ rows: [], hasPrevious: false, hasNext: false });
  });
});
