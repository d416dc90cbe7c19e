import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Programs } from '../support/programs.ts';
import type { Program } from '../support/program.ts';
import { accessToken, connect } from '../support/stream-client.ts';
import { until } from '../support/until.ts';

const ACCOUNT = `AC${'1'.repeat(32)}`;
const KEY = `SK${'2'.repeat(32)}`;
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** In a header, a query, a body, a URL, a frame; none may be in the log. */
const SECRETS = {
  authToken: 'auth-token-hush-hush',
  keySecret: 'key-secret-hush-hush',
  webhookSecret: 'webhook-secret-hush-hush',
  urlPassword: 'url-password-hush',
  wrongPassword: 'wrong-password-hush',
  queryToken: 'query-token-hush',
  address: 'device-address-hush',
};

describe.each(['json', 'pretty'])('The log in %s, at its most detailed level', (format) => {
  const programs = new Programs();
  let program: Program;
  let token: string;
  const text = (): string => program.output.stdout + program.output.stderr;

  beforeAll(async () => {
    program = await programs.start({
      env: {
        LOG_LEVEL: 'trace',
        LOG_FORMAT: format,
        ACCOUNT_SID: ACCOUNT,
        AUTH_TOKEN: SECRETS.authToken,
        API_KEYS: `${KEY}:${SECRETS.keySecret}`,
        WEBHOOK_SECRET: SECRETS.webhookSecret,
        WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
        NODE_ENV: 'test',
      },
    });
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'S' });
    const service = `/v2/Services/${sid}`;
    await program.post(service, {
      ReachabilityEnabled: 'true',
      PostWebhookUrl: `http://user:${SECRETS.urlPassword}@127.0.0.1:9/hook?token=${SECRETS.queryToken}`,
      WebhookFilters: ['onUserUpdated'],
    });
    const signer = {
      accountSid: ACCOUNT,
      authToken: '',
      apiKey: { sid: KEY, secret: SECRETS.keySecret },
    };
    token = accessToken({ credentials: signer }, sid, 'ann');
    const wrong = { username: ACCOUNT, password: SECRETS.wrongPassword };
    await program.get(service, { auth: wrong });
    await program.get(`${service}?token=${SECRETS.queryToken}`);
    await program.get(`/nowhere?access_token=${token}`);
    await program.post(`${service}/Users/ann/Bindings`, {
      BindingType: 'fcm',
      Address: SECRETS.address,
    });
    await program.request('POST', service, {
      headers: { 'Content-Type': 'application/json' },
      raw: `{"PostWebhookUrl": "${SECRETS.urlPassword}`,
    });
    const client = connect(program, token);
    await client.next();
    client.send({ type: 'token', id: 1, token: `${token}x` });
    await client.next();
    client.send(`not a frame ${SECRETS.queryToken}`);
    client.terminate();
    const other = connect(program, `${token}x`);
    await other.closed;
    await program.get(`${service}/Users/ann`, {
      headers: { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01`, 'x-request-id': 'my-request' },
    });
    await until('a failed delivery', async () => {
      const { body } = await program.get(`${service}/Webhooks/Deliveries`);
      return JSON.stringify(body).includes('"failed"') || undefined;
    });
    await until('the last request', () => text().includes('Deliveries 200') || undefined);
  });
  afterAll(() => programs.end());

  it('has no secret, wherever that was sent', () => {
    for (const secret of Object.values(SECRETS)) expect(text()).not.toContain(secret);
    for (const part of token.split('.')) expect(text()).not.toContain(part);
  });

  it('has no identity in the lines of requests', () => {
    expect(text()).toContain('GET /v2/Services/:serviceSid/Users/:user 200');
    expect(text()).not.toContain('/Users/ann');
  });

  const itInJson = format === 'json' ? it : it.skip;
  itInJson('names request, caller and trace of each request', () => {
    const line = program.output.stdout.split('\n').find((each) => each.includes('my-request'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      level: 'debug',
      context: 'Requests',
      request_id: 'my-request',
      actor: `key:${ACCOUNT}`,
      trace_id: TRACE_ID,
      method: 'GET',
      route: '/v2/Services/:serviceSid/Users/:user',
      status: 200,
      duration_ms: expect.any(Number),
    });
  });
});
