import { describe, expect, it } from '@jest/globals';
import { Settings } from '#shared/settings/settings';
import { redactor } from './redactor.ts';

const KEY = `SK${'0'.repeat(32)}`;
const settings = Object.assign(new Settings(), {
  AUTH_TOKEN: 'token-of-the-account',
  API_KEYS: `${KEY}:secret-of-the-first-key,${KEY}:secret-of-the-second-key`,
});
const redact = redactor(settings);

describe('A line of the log', () => {
  it.each([
    'token-of-the-account',
    'secret-of-the-second-key',
    `${KEY}:another-secret-of-a-key`,
    'https://user:pass-word@example.org/hook',
    'postgres://user:pass-word@db/reachability',
    'Authorization: Basic QUMxOnNlY3JldA==',
    'authorization: Bearer abcdef.ghijkl',
    'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJTSyJ9.c2lnbmF0dXJl',
    '/stream?token=abc&device_id=1',
    '/hook?a=1&api_key=abc',
  ])('does not have the secret in %s', (text) => {
    const secrets = /token-of-the-account|secret-of|another-secret|pass-word|QUMx|abcdef|eyJ|=abc/;
    expect(text).toMatch(secrets);
    expect(redact(`before ${text} after`)).not.toMatch(secrets);
    expect(redact(`before ${text} after`)).toMatch(/^before .*\*\*\*.* after$/);
  });

  it.each([
    'POST /v2/Services/:serviceSid (request 42): TypeError: x is not a function',
    'Reachability is listening on http://127.0.0.1:3000',
    'connect ECONNREFUSED 127.0.0.1:5432',
    'key:SK00000000000000000000000000000000',
  ])('keeps other text: %s', (text) => {
    expect(redact(text)).toBe(text);
  });
});
