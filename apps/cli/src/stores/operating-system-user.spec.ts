import { userInfo } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { operatingSystemUser } from './operating-system-user.ts';

const noName = (): never => {
  throw new Error('ENOENT: no such file or directory, uv_os_get_passwd');
};

describe('The user of the operating system', () => {
  it('is the one that runs this process, whatever the environment says', () => {
    expect(operatingSystemUser()).toBe(userInfo().username);
  });

  it('is a number where the system has no name for it', () => {
    expect(operatingSystemUser(noName, 10_001)).toBe('uid 10001');
    expect(operatingSystemUser(noName, 0)).toBe('uid 0');
  });
});
