import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RequestOptions } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';

const BURST = 5;
const SECRET = 'a-secret-that-must-not-be-logged';

describe('Wrong credentials', () => {
  let program: Program;

  beforeAll(async () => {
    program = await startProgram({
      env: {
        AUTHENTICATION_FAILURES_PER_MINUTE: '1',
        AUTHENTICATION_FAILURE_BURST: String(BURST),
        TRUSTED_PROXIES: '1',
      },
    });
  });
  afterAll(async () => {
    expect(await program.stop()).toBe(0);
  });

  const from = (address: string, options: RequestOptions = {}) =>
    program.get('/v2/Services', { headers: { 'x-forwarded-for': address }, ...options });
  const wrong = (address: string, username = program.credentials.accountSid) =>
    from(address, { auth: { username, password: SECRET } });

  async function exhaust(address: (attempt: number) => string): Promise<void> {
    for (let attempt = 0; attempt < BURST; attempt += 1) {
      expect((await wrong(address(attempt))).status).toBe(401);
    }
  }
  const counted = async () => {
    const { text } = await program.get('/metrics');
    return [...text.matchAll(/^reachability_http_authentication_failures_total\{.*\} (\d+)$/gm)]
      .map(([, count]) => Number(count))
      .reduce((sum, count) => sum + count, 0);
  };

  it('get 429 with Retry-After beyond the limit of their address', async () => {
    await exhaust(() => '192.0.2.1');
    const answer = await wrong('192.0.2.1');
    expect(answer.headers['retry-after']).toBe('60');
    expect(answer.body).toEqual({
      code: 20429,
      message: 'Too many wrong credentials',
      more_info: 'https://www.twilio.com/docs/errors/20429',
      status: 429,
    });
    expect((await wrong('192.0.2.1', 'another')).status).toBe(429);
    expect((await wrong('192.0.2.2')).status).toBe(401);
  });

  it('share the limit of an IPv6 /64', async () => {
    await exhaust((attempt) => `2001:db8:1:2:${attempt}::1`);
    expect((await wrong('2001:db8:1:2:ffff:ffff:ffff:ffff')).status).toBe(429);
    expect((await wrong('2001:db8:1:3::1')).status).toBe(401);
  });

  it('are limited by the address that the trusted proxy has seen', async () => {
    await exhaust((attempt) => `10.0.0.${attempt}, 192.0.2.10`);
    expect((await wrong('10.0.0.99, 192.0.2.10')).status).toBe(429);
    expect((await wrong('192.0.2.10, 192.0.2.11')).status).toBe(401);
  });

  it('never make valid ones fail, also from the same address', async () => {
    await exhaust(() => '192.0.2.20');
    const { apiKey } = program.credentials;
    const key = { auth: { username: apiKey.sid, password: apiKey.secret } };
    for (let round = 0; round < 3; round += 1) {
      expect((await wrong('192.0.2.20')).status).toBe(429);
      expect((await from('192.0.2.20')).status).toBe(200);
      expect((await from('192.0.2.20', key)).status).toBe(200);
    }
  });

  it('are counted, unlike missing ones', async () => {
    const before = await counted();
    expect(before).toBeGreaterThanOrEqual(0);
    await wrong('192.0.2.30');
    await from('192.0.2.30', { auth: null, headers: { authorization: 'Bearer x' } });
    expect(await counted()).toBe(before + 2);
    for (let attempt = 0; attempt < 2 * BURST; attempt += 1) {
      expect((await from('192.0.2.31', { auth: null })).status).toBe(401);
    }
    expect(await counted()).toBe(before + 2);
  });

  it('are logged once a minute for each account, without secrets and unknown names', async () => {
    const { accountSid, apiKey } = program.credentials;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await wrong('192.0.2.40', apiKey.sid);
      await wrong('192.0.2.41', `${SECRET}-${attempt}`);
    }
    const { stdout, stderr } = program.output;
    const output = stdout + stderr;
    const lines = (name: string) => output.split(`Wrong credentials for ${name} from `).length - 1;
    expect([accountSid, apiKey.sid, 'an unknown account'].map(lines)).toEqual([1, 1, 1]);
    expect(output).not.toContain(SECRET);
  });
});
