import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { roleSids } from '#domain';
import { eventsIn } from '../../support/event-log.ts';
import type { RequestOptions } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';

const MISSING_SERVICE = `IS${'0'.repeat(32)}`;
const MISSING_USER = `US${'0'.repeat(32)}`;

interface BadRequest {
  readonly method: string;
  /** `{S}` is a Service, `{U}` the Users in it, `{C}` an open Connection, `{B}` a Binding, `{R}` a Role. */
  readonly path: string;
  readonly options: RequestOptions;
  readonly status: number;
  readonly code: number;
  readonly message: RegExp;
}

const bad = (
  method: string,
  path: string,
  options: RequestOptions,
  status: number,
  code: number,
  message: RegExp,
): BadRequest => ({ method, path, options, status, code, message });

/** A parameter refused with 400; the message names it. */
const refused = (
  path: string,
  form: NonNullable<RequestOptions['form']>,
  name: string,
  code = 20001,
) => bad('POST', path, { form }, 400, code, new RegExp(`^${name} `));
const refusedJson = (path: string, json: unknown, name: string, code = 20001) =>
  bad('POST', path, { json }, 400, code, new RegExp(`^${name} `));
const refusedQuery = (path: string, name: string) =>
  bad('GET', path, {}, 400, 20001, new RegExp(`^${name} `));
const missing = (method: string, path: string, options: RequestOptions = {}) =>
  bad(method, path, options, 404, 20404, /^The requested resource \/\S* was not found$/);
const raw = (body: string, type = 'application/json'): RequestOptions => ({
  raw: body,
  headers: { 'content-type': type },
});

const ROLE = { FriendlyName: 'x', Type: 'channel', Permission: 'sendMessage' };

const PARAMETERS: readonly BadRequest[] = [
  refused('/v2/Services', {}, 'FriendlyName'),
  refused('/v2/Services', { FriendlyName: '' }, 'FriendlyName'),
  refused('/v2/Services', { FriendlyName: 'x'.repeat(257) }, 'FriendlyName', 50003),
  refused('/v2/Services', { FriendlyName: ['a', 'b'] }, 'FriendlyName'),
  refusedJson('/v2/Services', { FriendlyName: 7 }, 'FriendlyName'),
  refusedJson('/v2/Services', { FriendlyName: null }, 'FriendlyName'),
  refusedJson('/v2/Services', { FriendlyName: { a: 1 } }, 'FriendlyName'),
  refused('{S}', { FriendlyName: '' }, 'FriendlyName'),
  refused('{S}', { FriendlyName: 'a\0b' }, 'FriendlyName'),
  refused('{S}', { ReachabilityEnabled: 'yes' }, 'ReachabilityEnabled'),
  refused('{S}', { ReachabilityEnabled: ['true', 'false'] }, 'ReachabilityEnabled'),
  refusedJson('{S}', { ReachabilityEnabled: 1 }, 'ReachabilityEnabled'),
  refusedJson('{S}', { ReachabilityEnabled: null }, 'ReachabilityEnabled'),
  refused('{S}', { TypingIndicatorTimeout: '-1' }, 'TypingIndicatorTimeout'),
  refused('{S}', { TypingIndicatorTimeout: '2147483648' }, 'TypingIndicatorTimeout'),
  refused('{S}', { TypingIndicatorTimeout: '1.5' }, 'TypingIndicatorTimeout'),
  refused('{S}', { TypingIndicatorTimeout: '1e1' }, 'TypingIndicatorTimeout'),
  refused('{S}', { ConsumptionReportInterval: '-1' }, 'ConsumptionReportInterval'),
  refused('{S}', { 'Limits.ChannelMembers': '-1' }, 'Limits\\.ChannelMembers'),
  refused('{S}', { 'Limits.UserChannels': 'many' }, 'Limits\\.UserChannels'),
  refused('{S}', { ReadStatusEnabled: '1' }, 'ReadStatusEnabled'),
  refused('{S}', { DefaultServiceRoleSid: 'RLnope' }, 'DefaultServiceRoleSid'),
  refused('{S}', { DefaultChannelRoleSid: '' }, 'DefaultChannelRoleSid'),
  refused('{S}', { DefaultChannelCreatorRoleSid: 'RL1' }, 'DefaultChannelCreatorRoleSid'),
  refused('{S}', { PreWebhookUrl: 'ftp://example.com' }, 'PreWebhookUrl'),
  refused('{S}', { PreWebhookUrl: 'no url' }, 'PreWebhookUrl'),
  refused('{S}', { PostWebhookUrl: 'javascript:alert(1)' }, 'PostWebhookUrl'),
  refused('{S}', { PostWebhookUrl: '/hooks' }, 'PostWebhookUrl'),
  refused('{S}', { PostWebhookUrl: `https://a.example/${'x'.repeat(2_048)}` }, 'PostWebhookUrl'),
  refused('{S}', { PostWebhookUrl: ['https://a.example', 'https://b.example'] }, 'PostWebhookUrl'),
  refused('{S}', { WebhookMethod: 'PATCH' }, 'WebhookMethod'),
  refused('{S}', { WebhookFilters: 'on Message' }, 'WebhookFilters contains "on Message",'),
  refused(
    '{S}',
    { WebhookFilters: ['onUserUpdated', 'onUserOnline'] },
    'WebhookFilters contains "onUserOnline",',
  ),
  refused('{S}', { WebhookFilters: 'onuserupdated' }, 'WebhookFilters'),
  refused('{S}', { PreWebhookRetryCount: '-1' }, 'PreWebhookRetryCount'),
  refused(
    '{S}',
    { 'Notifications.NewMessage.BadgeCountEnabled': 'x' },
    'Notifications\\.NewMessage\\.BadgeCountEnabled',
  ),
  refused(
    '{S}',
    { 'Notifications.InvitedToChannel.Template': 'x'.repeat(2_049) },
    'Notifications\\.InvitedToChannel\\.Template',
  ),
  refused(
    '{S}',
    { 'Media.CompatibilityMessage': 'x'.repeat(2_049) },
    'Media\\.CompatibilityMessage',
  ),
  refusedJson('{S}', { WebhookFilters: [1] }, 'WebhookFilters contains 1,'),
  refusedJson(
    '{S}',
    { WebhookFilters: ['onUserUpdated', {}] },
    'WebhookFilters contains an object,',
  ),
  refusedJson('{S}', { WebhookFilters: null }, 'WebhookFilters contains null,'),
  refused(
    '{S}',
    { WebhookFilters: ['onUserUpdated', 'x'.repeat(101)] },
    'WebhookFilters contains "x{60}\\.\\.\\.",',
  ),
  refusedJson('{S}/Reachability/Query', { User: ['ann', 1] }, 'User contains 1,'),
  refused('{S}', { PostWebhookRetryCount: '4.5' }, 'PostWebhookRetryCount'),
  refused('{S}', { 'Notifications.LogEnabled': 'maybe' }, 'Notifications\\.LogEnabled'),
  refused('{S}/Reachability', { GraceSeconds: '61' }, 'GraceSeconds'),
  refused('{S}/Reachability', { GraceSeconds: '-1' }, 'GraceSeconds'),
  refused('{S}/Reachability', { GraceSeconds: 'soon' }, 'GraceSeconds'),
  refused('{S}/Reachability', { WatchPolicy: 'some' }, 'WatchPolicy'),
  refused('{S}/Tokens', { Identity: 'ann', WatchPrefix: '' }, 'WatchPrefix'),
  refused('{S}/Tokens', { Identity: 'ann', WatchIdentities: '' }, 'Identity'),
  refused('{U}', {}, 'Identity'),
  refused('{U}', { Identity: '' }, 'Identity'),
  refused('{U}', { Identity: 'x'.repeat(513) }, 'Identity', 50207),
  refused('{U}', { Identity: 'a\0b' }, 'Identity'),
  refused('{U}', { Identity: MISSING_USER }, 'Identity', 50206),
  refused('{U}', { Identity: ['a', 'b'] }, 'Identity'),
  refused('{U}', { 'Identity[a]': 'b' }, 'Identity'),
  refused('{U}', { identity: 'ann' }, 'Identity'),
  refusedJson('{U}', { Identity: 7 }, 'Identity'),
  refusedJson('{U}', { Identity: true }, 'Identity'),
  refusedJson('{U}', { Identity: { toString: 'x' } }, 'Identity'),
  refusedJson('{U}', { Identity: ['ann'] }, 'Identity'),
  refusedJson('{U}', { Identity: '\ud800' }, 'Identity'),
  refused('{U}', { Identity: 'new', Attributes: '{' }, 'Attributes', 50304),
  refused(
    '{U}',
    { Identity: 'new', Attributes: JSON.stringify('x'.repeat(16_384)) },
    'Attributes',
    50303,
  ),
  refusedJson('{U}', { Identity: 'new', Attributes: { a: 1 } }, 'Attributes'),
  refusedJson('{U}', { Identity: 'new', Attributes: null }, 'Attributes'),
  refused('{U}', { Identity: 'new', FriendlyName: 'x'.repeat(257) }, 'FriendlyName', 50003),
  refused('{U}', { Identity: 'new', FriendlyName: 'a\0b' }, 'FriendlyName'),
  refusedJson('{U}', { Identity: 'new', FriendlyName: 'a\ud800' }, 'FriendlyName'),
  refused('{U}', { Identity: 'new', RoleSid: 'admin' }, 'RoleSid'),
  refused('{U}/ann', { Attributes: 'not json' }, 'Attributes', 50304),
  refusedJson('{U}/ann', { FriendlyName: [] }, 'FriendlyName'),
  refused('{U}/ann/Connections', { Ttl: '9' }, 'Ttl'),
  refused('{U}/ann/Connections', { Ttl: '86401' }, 'Ttl'),
  refused('{U}/ann/Connections', { Ttl: '60.5' }, 'Ttl'),
  refused('{U}/ann/Connections', { Ttl: 'NaN' }, 'Ttl'),
  refused('{U}/ann/Connections', { Ttl: '' }, 'Ttl'),
  refused('{U}/ann/Connections', { Ttl: ['10', '20'] }, 'Ttl'),
  refusedJson('{U}/ann/Connections', { Ttl: null }, 'Ttl'),
  refusedJson('{U}/ann/Connections', { Ttl: 1e300 }, 'Ttl'),
  refused('{U}/ann/Connections', { DeviceId: 'x'.repeat(256) }, 'DeviceId'),
  refused('{U}/ann/Connections/{C}', { Ttl: '9' }, 'Ttl'),
  refused('{U}/ann/Bindings', { Address: 'a' }, 'BindingType'),
  refused('{U}/ann/Bindings', { BindingType: 'sms', Address: 'a' }, 'BindingType'),
  refused('{U}/ann/Bindings', { BindingType: ['apn', 'fcm'], Address: 'a' }, 'BindingType'),
  refused('{U}/ann/Bindings', { BindingType: 'apn' }, 'Address'),
  refused('{U}/ann/Bindings', { BindingType: 'apn', Address: '' }, 'Address'),
  refused('{U}/ann/Bindings', { BindingType: 'apn', Address: 'x'.repeat(4_097) }, 'Address'),
  refusedJson('{U}/ann/Bindings', { BindingType: 'apn', Address: { a: 1 } }, 'Address'),
  refused('{U}/ann/Bindings', { BindingType: 'apn', Address: 'a', Endpoint: '' }, 'Endpoint'),
  refusedQuery('/v2/Services?PageSize=0', 'PageSize'),
  refusedQuery('/v2/Services?PageSize=many', 'PageSize'),
  refusedQuery('/v2/Services?PageSize=1&PageSize=2', 'PageSize'),
  refusedQuery('{U}?Page=-1', 'Page'),
  refusedQuery('{U}?PageToken=nonsense', 'PageToken'),
  refusedQuery(`{U}?PageToken=${'x'.repeat(101)}`, 'PageToken'),
  refusedQuery('{U}?Reachability=perhaps', 'Reachability'),
  refusedQuery('{S}/Bindings?BindingType=sms', 'BindingType contains "sms",'),
  refusedQuery('{U}/ann/Bindings?BindingType=sms', 'BindingType contains "sms",'),
  refused('{S}/Roles', { ...ROLE, FriendlyName: '' }, 'FriendlyName'),
  refused('{S}/Roles', { ...ROLE, Type: 'admin' }, 'Type'),
  refused('{S}/Roles', { FriendlyName: 'x', Type: 'channel' }, 'Permission'),
  refused('{S}/Roles', { ...ROLE, Permission: 'send message' }, 'Permission'),
  refused(
    '{S}/Roles',
    { ...ROLE, Permission: Array.from({ length: 101 }, () => 'a') },
    'Permission',
  ),
  refusedJson('{S}/Roles', { ...ROLE, Permission: [] }, 'Permission'),
  refusedJson('{S}/Roles', { ...ROLE, Permission: [7] }, 'Permission'),
  refused('{S}/Roles/{R}', {}, 'Permission'),
  refusedQuery('{S}/Channels?PageSize=0', 'PageSize'),
  refusedQuery('{U}/ann/Channels?PageToken=PA', 'PageToken'),
  refusedQuery('{S}/Roles?PageSize=0', 'PageSize'),
  refusedQuery('{S}/Roles?PageToken=PA', 'PageToken'),
  refusedQuery('{U}/ann/Reachability?AsOf=yesterday', 'AsOf'),
  ...['{U}', '{U}/ann'].flatMap((path) => [
    bad(
      'POST',
      path,
      { form: { Identity: 'new' }, headers: { 'idempotency-key': 'x'.repeat(256) } },
      400,
      20001,
      /^Idempotency-Key /,
    ),
    bad(
      'POST',
      path,
      { form: { Identity: 'new' }, headers: { 'x-twilio-webhook-enabled': 'yes' } },
      400,
      20001,
      /^X-Twilio-Webhook-Enabled must be true or false/,
    ),
  ]),
];

const BODIES: readonly BadRequest[] = [
  bad('POST', '{U}', raw('{"Identity":'), 400, 20001, /JSON/),
  bad('POST', '{U}', raw(''), 400, 20001, /body/i),
  bad('POST', '{U}', raw('["Identity"]'), 400, 20001, /must be an object/),
  bad('POST', '{U}', raw('"Identity"'), 400, 20001, /must be an object/),
  bad('POST', '{U}', raw('null'), 400, 20001, /must be an object/),
  bad('POST', '{U}', raw('7'), 400, 20001, /must be an object/),
  bad('POST', '{U}', raw('{"__proto__":{"Identity":"x"},"Identity":"y"}'), 400, 20001, /JSON/),
  bad('POST', '{U}', raw('{"constructor":{"prototype":{}},"Identity":"y"}'), 400, 20001, /JSON/),
  bad(
    'POST',
    '{U}',
    raw(`{"Identity":"deep","x":${'['.repeat(1_500)}${']'.repeat(1_500)}}`),
    400,
    20001,
    /^x is nested too deeply/,
  ),
  bad('POST', '{U}', raw('<Identity/>', 'text/xml'), 415, 20001, /^Content-Type /),
  bad('POST', '{U}', raw('Identity=x', 'text/plain'), 415, 20001, /^Content-Type /),
  bad('POST', '{U}', raw('Identity=x', 'nonsense'), 415, 20001, /^Content-Type /),
  bad('POST', '{U}', raw(`"${'x'.repeat(262_144)}"`), 413, 20001, /too large/),
  bad(
    'POST',
    '{U}',
    raw(`Identity=${'x'.repeat(262_144)}`, 'application/x-www-form-urlencoded'),
    413,
    20001,
    /too large/,
  ),
];

const MISSING: readonly BadRequest[] = [
  missing('GET', '/v2'),
  missing('GET', '/v2/Nothing'),
  missing('GET', '/nothing'),
  missing('PUT', '{S}'),
  missing('PATCH', '{U}/ann'),
  missing('DELETE', '{U}'),
  missing('GET', '/v2/Services/IS'),
  missing('GET', '/v2/Services/IS%00'),
  missing('GET', `/v2/Services/${MISSING_SERVICE}`),
  missing('POST', `/v2/Services/${MISSING_SERVICE}`, { form: { FriendlyName: 'x' } }),
  missing('DELETE', `/v2/Services/${MISSING_SERVICE}`),
  missing('GET', `/v2/Services/${MISSING_SERVICE}/Users`),
  missing('POST', `/v2/Services/${MISSING_SERVICE}/Users`, { form: { Identity: 'x' } }),
  missing('GET', `/v2/Services/${MISSING_SERVICE}/Bindings`),
  missing('GET', `/v2/Services/${MISSING_SERVICE}/Reachability`),
  missing('POST', `/v2/Services/${MISSING_SERVICE}/Reachability`, { form: { GraceSeconds: '1' } }),
  missing('GET', '{U}/nobody'),
  missing('POST', '{U}/nobody', { form: { FriendlyName: 'x' } }),
  missing('DELETE', '{U}/nobody'),
  missing('GET', `{U}/${MISSING_USER}`),
  missing('DELETE', `{U}/${MISSING_USER}`),
  missing('GET', '{U}/__proto__'),
  missing('GET', '{U}/nobody/Connections'),
  missing('POST', '{U}/nobody/Connections'),
  missing('GET', '{U}/ann/Connections/CN0'),
  missing('POST', `{U}/ann/Connections/CN${'0'.repeat(32)}`),
  missing('DELETE', `{U}/ann/Connections/CN${'0'.repeat(32)}`),
  missing('GET', '{U}/bob/Connections/{C}'),
  missing('POST', '{U}/bob/Connections/{C}'),
  missing('DELETE', '{U}/bob/Connections/{C}'),
  missing('GET', '{U}/nobody/Bindings'),
  missing('POST', '{U}/nobody/Bindings', { form: { BindingType: 'apn', Address: 'a' } }),
  missing('GET', '{U}/bob/Bindings/{B}'),
  missing('DELETE', '{U}/bob/Bindings/{B}'),
  missing('DELETE', `{S}/Bindings/BS${'0'.repeat(32)}`),
  missing('GET', '{U}/nobody/Reachability'),
  missing('GET', `/v2/Services/${MISSING_SERVICE}/Roles`),
  missing('POST', `/v2/Services/${MISSING_SERVICE}/Roles`, { form: ROLE }),
  missing('GET', `{S}/Roles/RL${'0'.repeat(32)}`),
  missing('POST', `{S}/Roles/RL${'0'.repeat(32)}`, { form: { Permission: 'joinChannel' } }),
  missing('DELETE', `{S}/Roles/RL${'0'.repeat(32)}`),
  missing('GET', `/v2/Services/${MISSING_SERVICE}/Roles/{R}`),
  missing('POST', '{S}/Channels', { form: { FriendlyName: 'x' } }),
  missing('GET', `{S}/Channels/CH${'0'.repeat(32)}/Members`),
  missing('GET', `{S}/Channels/CH${'0'.repeat(32)}/Messages`),
  missing('GET', '{U}/nobody/Channels'),
  missing('GET', `/v2/Services/${MISSING_SERVICE}/Channels`),
  missing('GET', '/v2/Credentials'),
  missing('POST', '/v2/Credentials', { form: { Type: 'fcm' } }),
  missing('DELETE', `/v2/Credentials/CR${'0'.repeat(32)}`),
];

const wrong = (username: string, password: string) => ({ auth: { username, password } });
const UNAUTHENTICATED: readonly (readonly [string, RequestOptions])[] = [
  ['none', { auth: null }],
  ['an unknown account', wrong(`AC${'0'.repeat(32)}`, 'secret')],
  ['an empty name', wrong('', '')],
  ['another scheme', { auth: null, headers: { authorization: 'Bearer x' } }],
  ['no base64', { auth: null, headers: { authorization: 'Basic ***' } }],
  ['no colon', { auth: null, headers: { authorization: 'Basic eA==' } }],
];

describe('Bad input', () => {
  let program: Program;
  let fill: (path: string) => string;
  let events: number;

  beforeAll(async () => {
    program = await startProgram();
    const { sid } = await program.post('/v2/Services', { FriendlyName: 'Bad input' });
    const users = `/v2/Services/${sid}/Users`;
    for (const identity of ['ann', 'bob']) await program.post(users, { Identity: identity });
    const connection = await program.post(`${users}/ann/Connections`);
    const address = { BindingType: 'apn', Address: 'token' };
    const binding = await program.post(`${users}/ann/Bindings`, address);
    fill = (path) =>
      path
        .replace('{U}', users)
        .replace('{S}', `/v2/Services/${sid}`)
        .replace('{R}', roleSids(sid).serviceUser)
        .replace('{C}', connection.sid)
        .replace('{B}', binding.sid);
    events = eventsIn(program.dataDir).length;
  });

  afterAll(async () => {
    expect(await program.stop()).toBe(0);
  });

  async function expectNothingWritten(): Promise<void> {
    expect(eventsIn(program.dataDir)).toHaveLength(events);
    expect((await program.get('/health/live')).status).toBe(200);
  }

  const title = ({ method, path, options }: BadRequest): string => {
    const body = options.form ?? options.json ?? options.raw ?? '';
    return `${method} ${path} ${typeof body === 'string' ? body : JSON.stringify(body)}`.slice(
      0,
      110,
    );
  };

  it.each(
    [...PARAMETERS, ...BODIES, ...MISSING].map((request) => [title(request), request] as const),
  )('is refused: %s', async (_, { method, path, options, status, code, message }) => {
    const answer = await program.request(method, fill(path), options);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining('"code"')]);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.body).toEqual({
      code,
      message: expect.stringMatching(message),
      more_info: `https://www.twilio.com/docs/errors/${code}`,
      status,
    });
    await expectNothingWritten();
  });

  it.each(UNAUTHENTICATED)('is refused: credentials: %s', async (_, options) => {
    const form = { FriendlyName: 'Nobody' };
    const answer = await program.request('POST', '/v2/Services', { form, ...options });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      code: 20003,
      message: 'Authenticate',
      more_info: 'https://www.twilio.com/docs/errors/20003',
      status: 401,
    });
    expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
    await expectNothingWritten();
  });

  it('is refused: the token of the account with the sid of a key, and the other way round', async () => {
    const { accountSid, authToken, apiKey } = program.credentials;
    const swapped = [wrong(accountSid, apiKey.secret), wrong(apiKey.sid, authToken)];
    for (const options of swapped) {
      expect((await program.get('/v2/Services', options)).status).toBe(401);
    }
    const key = { auth: { username: apiKey.sid, password: apiKey.secret } };
    expect((await program.get('/v2/Services', key)).status).toBe(200);
  });

  it('is refused: a User that exists', async () => {
    const answer = await program.post(fill('{U}'), { Identity: 'ann' });
    expect(answer.body).toMatchObject({ code: 50201, status: 409, message: 'User already exists' });
    await expectNothingWritten();
  });

  it('is refused: a path that is not properly percent-encoded', async () => {
    const answer = await program.get('/v2/Services/%zz');
    expect(answer.body).toMatchObject({ code: 20001, status: 400 });
  });

  it('is refused: headers of twenty thousand bytes', async () => {
    const answer = await new Promise<{ status: number | undefined; body: string }>(
      (resolve, reject) => {
        const outgoing = httpRequest(
          `${program.url}/v2/Services`,
          { headers: { 'x-long': 'x'.repeat(20_000) }, agent: false },
          (incoming) => {
            text(incoming).then((body) => resolve({ status: incoming.statusCode, body }), reject);
          },
        );
        outgoing.on('error', reject);
        outgoing.end();
      },
    );
    expect(answer.status).toBe(431);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 20001, status: 431 });
    await expectNothingWritten();
  });

  it('is refused: what is not HTTP', async () => {
    const { hostname, port } = new URL(program.url);
    const socket = connect(Number(port), hostname);
    socket.end('nonsense\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toMatchObject({ status: 400 });
    await expectNothingWritten();
  });

  it('that nobody knows is ignored: unknown parameters, and those that are read-only', async () => {
    const form = { FriendlyName: 'Known', Unknown: 'x', is_online: 'true', __proto__x: 'y' };
    const answer = await program.post(fill('{U}/ann'), form);
    expect(answer.body).toMatchObject({ friendly_name: 'Known', is_online: null });
    expect(answer.body).not.toHaveProperty('Unknown');
    const unpolluted: Record<string, unknown> = {};
    expect(unpolluted['x']).toBeUndefined();
    events = eventsIn(program.dataDir).length;
  });
});
