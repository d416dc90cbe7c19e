import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { roleSids } from '#domain';
import type { Json, JsonObject, RequestOptions } from '../support/http-client.ts';
import { startProgram, type Program } from '../support/program.ts';
import { TwilioShapes, type WireAnswer } from '../support/twilio-shapes.ts';

const MISSING = '0'.repeat(32);

let program: Program;
let shapes: TwilioShapes;

beforeAll(async () => {
  program = await startProgram();
  shapes = new TwilioShapes(program.url);
});
afterAll(() => program.stop());

/** Sends a request and checks the answer against its shape. */
async function checkedRequest(
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<WireAnswer & { readonly body: JsonObject }> {
  const { status, headers, text } = await program.request(method, path, options);
  const body: unknown = text === '' ? '' : JSON.parse(text);
  const answer = { method, url: `${program.url}${path}`, status, headers, body };
  shapes.check(answer);
  return { ...answer, body: text === '' ? {} : (body as JsonObject) };
}
const get = (path: string) => checkedRequest('GET', path);
const post = (path: string, form: NonNullable<RequestOptions['form']>) =>
  checkedRequest('POST', path, { form });

function textOf(body: JsonObject, key: string): string {
  const value = body[key];
  if (typeof value === 'string') return value;
  throw new Error(`${key} is ${JSON.stringify(value)}`);
}

/** Creates a Service with a User and a Binding. */
async function createResources() {
  const { body: service } = await post('/v2/Services', { FriendlyName: 'Shapes' });
  const path = `/v2/Services/${textOf(service, 'sid')}`;
  const { body: user } = await post(`${path}/Users`, { Identity: 'zoë / 1' });
  const bindings = `${path}/Users/${textOf(user, 'sid')}/Bindings`;
  const registration = { BindingType: 'gcm', Address: 'a', Endpoint: 'phone' };
  const { body: binding } = await post(bindings, registration);
  return { path, service, user, bindings, binding };
}

describe('The exact answer', () => {
  it('for a new Service is Twilio’s', async () => {
    const { service, path } = await createResources();
    const url = `${program.url}${path}`;
    const sid = textOf(service, 'sid');
    const roles = roleSids(sid);
    expect((await get(path)).body).toEqual({
      sid,
      account_sid: program.credentials.accountSid,
      friendly_name: 'Shapes',
      date_created: service['date_created'],
      date_updated: service['date_created'],
      default_service_role_sid: roles.serviceUser,
      default_channel_role_sid: roles.channelUser,
      default_channel_creator_role_sid: roles.channelAdmin,
      read_status_enabled: true,
      reachability_enabled: false,
      typing_indicator_timeout: 5,
      consumption_report_interval: 10,
      limits: { channel_members: 100, user_channels: 250 },
      pre_webhook_url: null,
      post_webhook_url: null,
      webhook_method: null,
      webhook_filters: null,
      pre_webhook_retry_count: 0,
      post_webhook_retry_count: 0,
      notifications: {
        log_enabled: false,
        new_message: { enabled: false },
        added_to_channel: { enabled: false },
        removed_from_channel: { enabled: false },
        invited_to_channel: { enabled: false },
      },
      media: {
        size_limit_mb: 150,
        compatibility_message: 'Media messages are not supported by your client',
      },
      url,
      links: {
        channels: `${url}/Channels`,
        users: `${url}/Users`,
        roles: `${url}/Roles`,
        bindings: `${url}/Bindings`,
      },
    });
  });

  it('for a new User is Twilio’s', async () => {
    const { path, service, user } = await createResources();
    const url = `${program.url}${path}/Users/${textOf(user, 'sid')}`;
    expect((await get(`${path}/Users/zo%C3%AB%20%2F%201`)).body).toEqual({
      sid: user['sid'],
      account_sid: program.credentials.accountSid,
      service_sid: service['sid'],
      role_sid: service['default_service_role_sid'],
      identity: 'zoë / 1',
      friendly_name: null,
      attributes: '{}',
      is_online: null,
      is_notifiable: null,
      joined_channels_count: 0,
      date_created: user['date_created'],
      date_updated: user['date_updated'],
      links: { user_channels: `${url}/Channels`, user_bindings: `${url}/Bindings` },
      url,
    });
  });

  it('for a Binding has links on the Service’s path, and a User sid on the User’s path', async () => {
    const { path, service, user, bindings, binding } = await createResources();
    const sid = textOf(binding, 'sid');
    const common = {
      sid,
      account_sid: program.credentials.accountSid,
      service_sid: service['sid'],
      date_created: binding['date_created'],
      date_updated: binding['date_updated'],
      endpoint: 'phone',
      identity: 'zoë / 1',
      credential_sid: null,
      binding_type: 'gcm',
      message_types: [
        'new_message',
        'added_to_channel',
        'invited_to_channel',
        'removed_from_channel',
      ],
    };
    const { body } = await get(`${path}/Bindings/${sid}`);
    expect(body).toEqual({
      ...common,
      url: `${program.url}${path}/Bindings/${sid}`,
      links: { user: `${program.url}${path}/Users/zo%C3%AB%20%2F%201` },
    });
    expect((await get(`${bindings}/${sid}`)).body).toEqual({
      ...common,
      user_sid: user['sid'],
      url: `${program.url}${bindings}/${sid}`,
    });
    const { user: link } = body['links'] as { user: string };
    expect((await get(link.slice(program.url.length))).body['sid']).toBe(user['sid']);
  });

  it('for a Role is Twilio’s', async () => {
    const { path, service } = await createResources();
    const sid = textOf(service, 'default_channel_role_sid');
    expect((await get(`${path}/Roles/${sid}`)).body).toMatchObject({
      sid,
      friendly_name: 'channel user',
      type: 'channel',
      date_created: service['date_created'],
      date_updated: service['date_created'],
      url: `${program.url}${path}/Roles/${sid}`,
    });
  });

  it('to a write is the changed resource, and to a deletion an empty body', async () => {
    const { path, bindings, binding } = await createResources();
    const updates = { ReachabilityEnabled: 'true', 'Notifications.NewMessage.Sound': 'ping' };
    expect((await post(path, updates)).status).toBe(200);
    await program.post(`${path}/Users/zo%C3%AB%20%2F%201/Connections`);
    const user = await post(`${path}/Users/zo%C3%AB%20%2F%201`, { FriendlyName: 'Zoë' });
    expect(user).toMatchObject({ status: 200, body: { is_online: true, is_notifiable: true } });
    const sid = textOf(binding, 'sid');
    expect((await checkedRequest('DELETE', `${path}/Bindings/${sid}`)).status).toBe(204);
    await post(bindings, { BindingType: 'apn', Address: 'b' });
    expect((await get(bindings)).body['bindings']).toHaveLength(1);
    expect((await checkedRequest('DELETE', `${path}/Users/zo%C3%AB%20%2F%201`)).status).toBe(204);
    expect((await checkedRequest('DELETE', path)).status).toBe(204);
  });

  it('under /v1 is that of /v2 where chat v1 has no shape of its own', async () => {
    const { path, user } = await createResources();
    const v1 = path.replace('/v2', '/v1');
    for (const below of ['/Bindings', `/Users/${textOf(user, 'sid')}/Bindings`]) {
      expect((await get(`${v1}${below}`)).body).toEqual((await get(`${path}${below}`)).body);
    }
  });
});

describe('A list', () => {
  const sidsIn = (body: JsonObject, key: string) =>
    (body[key] as JsonObject[]).map((item) => textOf(item, 'sid'));

  it('is complete by its links, in both directions and with filters', async () => {
    const { path, bindings } = await createResources();
    for (const address of ['b', 'c', 'd', 'e']) {
      await post(bindings, { BindingType: 'fcm', Address: address });
    }
    for (const identity of ['&?=', 'ann', 'bob'])
      await post(`${path}/Users`, { Identity: identity });
    await post(`${path}/Users/%26%3F%3D/Bindings`, { BindingType: 'fcm', Address: 'f' });
    const lists = [
      ['/v2/Services?PageSize=2', 'services', null],
      [`${path}/Users?PageSize=1`, 'users', 4],
      [`${path}/Roles?PageSize=2`, 'roles', 3],
      [`${path}/Bindings?PageSize=4`, 'bindings', 6],
      [`${path}/Bindings?PageSize=1&BindingType=fcm&BindingType=apn`, 'bindings', 5],
      [`${path}/Bindings?PageSize=1&Identity=%26%3F%3D&Identity=ann`, 'bindings', 1],
      [`${bindings}?PageSize=3&BindingType=fcm`, 'bindings', 4],
    ] as const;
    for (const [first, key, length] of lists) {
      const pages: string[][] = [];
      let next: Json = `${program.url}${first}`;
      let last = '';
      while (typeof next === 'string') {
        last = next.slice(program.url.length);
        const { body } = await get(last);
        pages.push(sidsIn(body, key));
        const meta = body['meta'] as JsonObject;
        expect(meta).toMatchObject({ key, page: pages.length - 1 });
        next = meta['next_page_url'] ?? null;
      }
      if (length !== null) expect(pages.flat()).toHaveLength(length);
      expect(new Set(pages.flat()).size).toBe(pages.flat().length);
      for (let page = pages.length - 2; page >= 0; page -= 1) {
        const meta = (await get(last)).body['meta'] as JsonObject;
        last = textOf(meta, 'previous_page_url').slice(program.url.length);
        expect(sidsIn((await get(last)).body, key)).toEqual(pages[page]);
      }
    }
  });

  it('has at most 100 items a page, and at most 50 Bindings', async () => {
    const { path, bindings } = await createResources();
    const sizes = await Promise.all(
      [`${path}/Users`, `${path}/Roles`, `${path}/Bindings`, bindings].map(async (list) => {
        const { body } = await get(`${list}?PageSize=1000`);
        return (body['meta'] as JsonObject)['page_size'];
      }),
    );
    expect(sizes).toEqual([100, 100, 50, 50]);
  });
});

describe('An error', () => {
  it.each<[number, string, string, RequestOptions]>([
    [400, 'POST', '/v2/Services', { form: {} }],
    [400, 'POST', '/v2/Services', { raw: '{', headers: { 'content-type': 'application/json' } }],
    [400, 'GET', '/v2/Services/%c0%ae', {}],
    [401, 'GET', '/v2/Services', { auth: null }],
    [401, 'GET', '/v2/Nothing', { auth: null }],
    [404, 'GET', '/nothing', { auth: null }],
    [404, 'GET', `/v2/Services/IS${MISSING}`, {}],
    [404, 'GET', `/v2/Services/IS${MISSING}/Users/nobody`, {}],
    [404, 'GET', `/v2/Services/IS${MISSING}/Channels`, {}],
    [404, 'PUT', '/v2/Services', {}],
    [413, 'POST', '/v2/Services', { form: { FriendlyName: 'x'.repeat(300_000) } }],
    [415, 'POST', '/v2/Services', { raw: 'x', headers: { 'content-type': 'text/xml' } }],
    [431, 'GET', '/v2/Services', { headers: { 'x-long': 'x'.repeat(20_000) } }],
  ])('%i has Twilio’s body and CORS headers: %s %s', async (status, ...request) => {
    expect((await checkedRequest(...request)).status).toBe(status);
  });

  it('409 has Twilio’s body', async () => {
    const { path } = await createResources();
    expect((await post(`${path}/Users`, { Identity: 'zoë / 1' })).status).toBe(409);
  });
});

describe('The shape checks', () => {
  it('detect missing properties, additional properties and other formats', async () => {
    const { path } = await createResources();
    const answer = await get(path);
    const { media: _, ...without } = answer.body;
    const invalidBodies: readonly object[] = [
      without,
      { ...answer.body, webhooks: null },
      { ...answer.body, sid: 'IS1' },
      { ...answer.body, date_created: '2026-11-22T14:02:00.000Z' },
      { ...answer.body, url: 'https://chat.twilio.com/v2/Services/IS1' },
      { ...answer.body, notifications: { log_enabled: false } },
    ];
    for (const body of invalidBodies)
      expect(() => shapes.check({ ...answer, body })).toThrow(/: 200\n/);
    expect(() => shapes.check({ ...answer, headers: {} })).toThrow('access-control-allow-origin');
    const error = await get(`/v2/Services/IS${MISSING}`);
    expect(() => shapes.check({ ...error, status: 400 })).toThrow('status 404 in the body');
  });
});
