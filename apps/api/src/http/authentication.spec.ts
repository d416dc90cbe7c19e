import { describe, expect, it } from '@jest/globals';
import { BasicAuthentication } from './authentication.ts';

const ACCOUNT = `AC${'1'.repeat(32)}`;
const KEY = `SK${'2'.repeat(32)}`;
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('Basic authentication', () => {
  const verifier = () => {
    const authentication = new BasicAuthentication({
      accountSid: ACCOUNT,
      authToken: 'token-of-account',
      apiKeys: new Map([[KEY, 'secret-of-the-key']]),
      fresh: false,
    });
    return (header: string | undefined) => authentication.verify(header);
  };

  it('knows the account and its keys by their secrets', () => {
    const verify = verifier();
    expect(verify(basic(ACCOUNT, 'token-of-account'))).toBe(ACCOUNT);
    expect(verify(basic(KEY, 'secret-of-the-key'))).toBe(KEY);
  });

  it('knows them again, each as itself, however their requests alternate', () => {
    const verify = verifier();
    for (let round = 0; round < 3; round += 1) {
      expect(verify(basic(ACCOUNT, 'token-of-account'))).toBe(ACCOUNT);
      expect(verify(basic(ACCOUNT, 'token-of-account'))).toBe(ACCOUNT);
      expect(verify(basic(KEY, 'secret-of-the-key'))).toBe(KEY);
    }
  });

  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['another token of the same length', basic(ACCOUNT, 'token-of-accounT')],
    ['a part of the token', basic(ACCOUNT, 'token-of-accoun')],
    ['the secret of another', basic(ACCOUNT, 'secret-of-the-key')],
    ['an unknown name without a password', basic('', '')],
    ['another scheme', basic(ACCOUNT, 'token-of-account').replace('Basic', 'Bearer')],
  ])('refuses %s, also right after the right header', (_, header) => {
    const verify = verifier();
    expect(verify(header)).toBeNull();
    expect(verify(basic(ACCOUNT, 'token-of-account'))).toBe(ACCOUNT);
    expect(verify(header)).toBeNull();
  });
});
