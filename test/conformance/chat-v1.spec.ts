import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import twilio from 'twilio';
import { fieldsOf } from '../support/fields.ts';
import { startProgram, type Program } from '../support/program.ts';
import { checkAnswers } from '../support/twilio-client.ts';
import { TwilioShapes } from '../support/twilio-shapes.ts';
import { until } from '../support/until.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

/** `client.chat.v1` of Twilio's unmodified REST helper. Every answer is also checked against the shapes of chat v1. */
let program: Program;
let receiver: WebhookReceiver;
let client: twilio.Twilio;
let sid: string;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  program = await startProgram({ env: { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' } });
  const { accountSid, authToken } = program.credentials;
  client = twilio(accountSid, authToken);
  client.chat.baseUrl = program.url;
  checkAnswers(client, new TwilioShapes(program.url));
});
afterAll(async () => {
  await program.stop();
  await receiver.stop();
});
beforeEach(async () => {
  ({ sid } = await client.chat.v1.services.create({ friendlyName: 'Support' }));
});

const service = () => client.chat.v1.services(sid);
const update = (parameters: Readonly<Record<string, string>>) =>
  program.post(`/v1/Services/${sid}`, parameters);

describe('A Service in chat v1', () => {
  it('is the same Service in chat v2', async () => {
    const updated = await service().update({ reachabilityEnabled: true, friendlyName: 'Sales' });
    expect(updated).toMatchObject({ sid, reachabilityEnabled: true, friendlyName: 'Sales' });
    expect(await client.chat.v2.services(sid).fetch()).toMatchObject({
      reachabilityEnabled: true,
      friendlyName: 'Sales',
    });
    await client.chat.v2.services(sid).update({ reachabilityEnabled: false });
    expect(await service().fetch()).toMatchObject({ reachabilityEnabled: false });
  });

  it('has every property that the helper declares', async () => {
    const missing = Object.entries((await service().fetch()).toJSON() as object)
      .filter(([, value]) => value === undefined)
      .map(([name]) => name);
    expect(missing).toEqual([]);
  });

  it('links to lists of v1 that exist', async () => {
    const { links } = await service().fetch();
    expect(Object.keys(links).sort()).toEqual(['channels', 'roles', 'users']);
    for (const link of Object.values(links)) {
      expect(link).toContain(`${program.url}/v1/Services/${sid}/`);
      expect((await program.get(link.slice(program.url.length))).status).toBe(200);
    }
  });

  it('is listed and removed, and its pages link to v1', async () => {
    const sids = async () => (await client.chat.v1.services.list()).map((listed) => listed.sid);
    expect(await sids()).toContain(sid);
    const page = await client.chat.v1.services.page({ pageSize: 1 });
    expect(page.nextPageUrl ?? `${program.url}/v1/`).toContain(`${program.url}/v1/`);
    expect(await service().remove()).toBe(true);
    expect(await sids()).not.toContain(sid);
  });

  it('takes and returns every webhook that the helper can send', async () => {
    const source = readFileSync(
      resolve(import.meta.dirname, '../../node_modules/twilio/lib/rest/chat/v1/service.js'),
      'utf8',
    );
    const sent = [...source.matchAll(/data\["Webhooks\.(\w+)\.Url"\]/g)].map(([, event]) => event!);
    const events = [...new Set([...sent, 'OnUserUpdated'])];
    expect(events.length).toBeGreaterThan(16);
    const parameters = events.flatMap((event) => [
      [`Webhooks.${event}.Url`, `https://user:secret@example.org/${event}`],
      [`Webhooks.${event}.Method`, 'GET'],
    ]);
    const { status, body } = await update(Object.fromEntries(parameters) as Record<string, string>);
    expect(status).toBe(200);
    expect(body['webhooks']).toEqual(
      Object.fromEntries(
        events.map((event) => [
          event.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).slice(1),
          { url: `https://user:***@example.org/${event}`, method: 'GET' },
        ]),
      ),
    );
    expect((await service().fetch()).webhooks).toEqual(body['webhooks']);
  });

  it('keeps the password of a webhook that is written back, and drops a URL that is empty', async () => {
    const name = 'Webhooks.OnUserUpdated.Url';
    await update({ [name]: 'https://user:secret@example.org/', WebhookMethod: 'GET' });
    const unchanged = await update({ [name]: 'https://user:***@example.org/' });
    expect(fieldsOf(unchanged.body['webhooks'])['on_user_updated']).toEqual({
      url: 'https://user:***@example.org/',
      method: null,
    });
    const removed = await update({ [name]: '' });
    expect(fieldsOf(removed.body['webhooks'])['on_user_updated']).toEqual({
      url: null,
      method: null,
    });
  });

  it.each([
    ['Webhooks.OnUserUpdated.Url', 'ftp://example.org'],
    ['Webhooks.OnUserUpdated.Method', 'PUT'],
    ['Webhooks.OnMessageSent.Url', 'nonsense'],
  ])('refuses an invalid %s', async (name, value) => {
    const { status, body } = await update({ [name]: value });
    expect([status, body['message']]).toEqual([400, expect.stringContaining(name)]);
  });
});

describe('The webhook of OnUserUpdated in chat v1', () => {
  it('is called without a filter, with its method, until it is removed', async () => {
    await service().update({ reachabilityEnabled: true });
    await update({
      'Webhooks.OnUserUpdated.Url': `${receiver.url}/v1-hook`,
      'Webhooks.OnUserUpdated.Method': 'GET',
    });
    const connections = `/v2/Services/${sid}/Users/alice/Connections`;
    await service().users.create({ identity: 'alice' });
    const connection = await program.post(connections, {});
    const [request] = await receiver.waitFor(1);
    expect(request).toMatchObject({
      method: 'GET',
      parameters: { EventType: 'onUserUpdated', Identity: 'alice', IsOnline: 'true' },
    });
    expect(request?.url).toContain('/v1-hook?');
    await update({ 'Webhooks.OnUserUpdated.Url': '', PostWebhookUrl: `${receiver.url}/post` });
    await program.post(`/v2/Services/${sid}`, { WebhookFilters: 'onUserUpdated' });
    await program.delete(`${connections}/${connection.sid}`);
    const offline = await until('the next webhook', () =>
      receiver.received.find(({ url }) => url.endsWith('/post')),
    );
    expect(offline).toMatchObject({ method: 'POST', parameters: { IsOnline: 'false' } });
  });
});

describe('Users in chat v1', () => {
  it('are created, online, updated, listed and removed', async () => {
    await service().update({ reachabilityEnabled: true });
    const { users } = service();
    const created = await users.create({ identity: 'alice', friendlyName: 'Alice' });
    expect(created).toMatchObject({ identity: 'alice', isOnline: null, isNotifiable: null });
    expect(created.url).toBe(`${program.url}/v1/Services/${sid}/Users/${created.sid}`);
    await program.post(`/v2/Services/${sid}/Users/alice/Connections`, {});
    expect(await users('alice').fetch()).toMatchObject({ isOnline: true, isNotifiable: false });
    expect(await users('alice').update({ friendlyName: 'Al' })).toMatchObject({ isOnline: true });
    expect(await users.list()).toMatchObject([{ friendlyName: 'Al', isOnline: null }]);
    expect(await users('alice').userChannels.list()).toEqual([]);
    expect(await users('alice').remove()).toBe(true);
    await expect(users('alice').fetch()).rejects.toMatchObject({ status: 404, code: 20404 });
  });

  it('have only links of v1', async () => {
    const { links } = await service().users.create({ identity: 'bob' });
    expect(Object.keys(links)).toEqual(['user_channels']);
    for (const link of Object.values(links)) {
      expect((await program.get(link.slice(program.url.length))).status).toBe(200);
    }
  });
});

describe('Roles and Channels in chat v1', () => {
  it('are written, and are empty', async () => {
    const { roles, channels } = service();
    const role = await roles.create({
      friendlyName: 'Boss',
      type: 'channel',
      permission: ['addMember'],
    });
    expect(role.url).toBe(`${program.url}/v1/Services/${sid}/Roles/${role.sid}`);
    expect(await roles(role.sid).update({ permission: ['sendMessage'] })).toMatchObject({
      permissions: ['sendMessage'],
    });
    expect(await roles.list()).toHaveLength(4);
    expect(await roles(role.sid).remove()).toBe(true);
    expect(await channels.list()).toEqual([]);
  });
});

describe('A repeated request', () => {
  it('is the same one under /v1 and /v2', async () => {
    const headers = { 'idempotency-key': 'the-same' };
    const first = await program.post('/v1/Services', { FriendlyName: 'Once' }, { headers });
    const again = await program.post('/v2/Services', { FriendlyName: 'Once' }, { headers });
    expect([again.status, again.sid]).toEqual([201, first.sid]);
  });
});
