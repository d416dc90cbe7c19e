import { describe, expect, it } from '@jest/globals';
import { isNetwork } from './network.ts';
import { readSettings } from './settings.ts';

describe('A network', () => {
  it.each(['10.0.0.0/8', '127.0.0.1/32', '0.0.0.0/0', '::1/128', 'fd00::/8'])(
    'is an address and a prefix length: %s',
    (text) => expect(isNetwork(text)).toBe(true),
  );

  it.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0/8',
    '::1/129',
    '/8',
    'localhost/8',
    '10.0.0.0/8/8',
    '',
  ])('is not "%s"', (text) => expect(isNetwork(text)).toBe(false));

  it('is rejected as a setting where one of several is invalid', () => {
    const WEBHOOK_ALLOWED_NETWORKS = '10.0.0.0/8,::1/128';
    expect(readSettings({ WEBHOOK_ALLOWED_NETWORKS })).toMatchObject({ WEBHOOK_ALLOWED_NETWORKS });
    expect(() => readSettings({ WEBHOOK_ALLOWED_NETWORKS: '10.0.0.0/8,all' })).toThrow(
      'WEBHOOK_ALLOWED_NETWORKS must be networks such as 10.0.0.0/8, separated by commas',
    );
  });
});
