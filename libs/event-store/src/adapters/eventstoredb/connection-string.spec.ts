import { describe, expect, it } from '@jest/globals';
import { callCredentials } from './connection-string.ts';

describe('credentials for a call', () => {
  it.each([
    ['esdb://admin:s%40fe%2F1@node:2113', { username: 'admin', password: 's@fe/1' }],
    ['esdb+discover://me:pw@a:2113,b:2113?tls=true', { username: 'me', password: 'pw' }],
    ['esdb://me:pw@node?tls=false', { username: 'me', password: 'pw' }],
  ])('are those of %s', (url, credentials) => {
    expect(callCredentials(url)).toEqual(credentials);
  });

  it.each(['esdb://node:2113?tls=false', 'esdb://a:2113,b:2113?nodePreference=leader&TLS=False'])(
    'may be any without TLS, where none are sent: %s',
    (url) => {
      expect(callCredentials(url)).not.toBeNull();
    },
  );

  it('are null if the connection string has none and they would be sent', () => {
    expect(callCredentials('esdb://node:2113')).toBeNull();
  });
});
