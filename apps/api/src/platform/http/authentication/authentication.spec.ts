import { describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { Registry } from 'prom-client';
import { Settings } from '#shared/settings/settings';
import { BasicAuthenticator, requireAuthentication } from './authentication.ts';
import { FailedAuthentications } from './failed-authentications.ts';

const ACCOUNT = `AC${'1'.repeat(32)}`;
const KEY = `SK${'2'.repeat(32)}`;
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

const CREDENTIALS = {
  accountSid: ACCOUNT,
  authToken: 'token-of-account',
  apiKeys: new Map([[KEY, 'secret-of-the-key']]),
  fresh: false,
};
const known = () =>
  new BasicAuthenticator(CREDENTIALS, { authenticate: () => Promise.resolve(null) });
const failures = () =>
  new FailedAuthentications(new Settings(), CREDENTIALS, new Registry(), () => 0, {
    has: () => false,
  });

describe('Basic authentication', () => {
  const verifier = () => {
    const authentication = known();
    return async (header: string | undefined) => (await authentication.verify(header))?.sid ?? null;
  };

  it('accepts the account and API keys with their secrets', async () => {
    const verify = verifier();
    expect(await verify(basic(ACCOUNT, 'token-of-account'))).toBe(ACCOUNT);
    expect(await verify(basic(KEY, 'secret-of-the-key'))).toBe(KEY);
  });

  it('tells them apart when their requests alternate', async () => {
    const verify = verifier();
    for (let round = 0; round < 3; round += 1) {
      expect(await verify(basic(ACCOUNT, 'token-of-account'))).toBe(ACCOUNT);
      expect(await verify(basic(ACCOUNT, 'token-of-account'))).toBe(ACCOUNT);
      expect(await verify(basic(KEY, 'secret-of-the-key'))).toBe(KEY);
    }
  });

  it.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['another token of the same length', basic(ACCOUNT, 'token-of-accounT')],
    ['a part of the token', basic(ACCOUNT, 'token-of-accoun')],
    ['the secret of another key', basic(ACCOUNT, 'secret-of-the-key')],
    ['an unknown name without a password', basic('', '')],
    ['another scheme', basic(ACCOUNT, 'token-of-account').replace('Basic', 'Bearer')],
  ])('refuses %s, also right after a valid header', async (_, header) => {
    const verify = verifier();
    expect(await verify(header)).toBeNull();
    expect(await verify(basic(ACCOUNT, 'token-of-account'))).toBe(ACCOUNT);
    expect(await verify(header)).toBeNull();
  });
});

describe('A server that requires credentials', () => {
  const guarded = () => {
    const server = fastify();
    requireAuthentication(server, known(), failures());
    server.setErrorHandler((_error, _request, reply) => reply.status(401).send());
    server.get('/v2/Services/:sid', ({ caller }) => caller.sid);
    server.get('/health', () => 'well');
    return server;
  };
  const statusOf = async (url: string, authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    return (await guarded().inject({ method: 'GET', url, headers })).statusCode;
  };

  // The router decodes all of these to the same route or to none: each needs credentials.
  it.each([
    '/v2/Services/IS1',
    '/%762/Services/IS1',
    '/v%32/Services/IS1',
    '/%76%32/%53ervices/IS1',
    '/v2/Services/IS1?x=/health',
    '/v2/Nothing',
    '/v1/Nothing',
  ])('requires them however the path is written: %s', async (path) => {
    expect(await statusOf(path)).toBe(401);
    expect(await statusOf(path, basic(ACCOUNT, 'token-of-account'))).not.toBe(401);
  });

  it('does not require them outside the API', async () => {
    expect(await statusOf('/health')).toBe(200);
    expect(await statusOf('/nothing')).toBe(404);
  });
});
