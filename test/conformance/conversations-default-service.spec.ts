import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type twilio from 'twilio';
import { ConversationsDescription } from '../support/conversations-description.ts';
import { conversationsClient } from '../support/conversations-client.ts';
import { textOf } from '../support/fields.ts';
import { startProgram, type Program } from '../support/program.ts';
import { accessToken, connect } from '../support/stream-client.ts';
import { restErrorOf } from '../support/twilio-client.ts';
import { until } from '../support/until.ts';

/** Resources of the account, with Twilio's unmodified REST helper. Each answer is checked against Twilio's description. */
let program: Program;
let client: twilio.Twilio;

beforeAll(async () => {
  program = await startProgram();
  client = conversationsClient(program, new ConversationsDescription(program.url));
});
afterAll(() => program.stop());

const defaultSid = async () =>
  (await client.conversations.v1.configuration().fetch()).defaultChatServiceSid;

async function newService(friendlyName: string): Promise<string> {
  return (await client.conversations.v1.services.create({ friendlyName })).sid;
}

describe('The default Service of an account', () => {
  it('is not created by a key that may only read', async () => {
    const key = await program.post('/v2/ApiKeys', { FriendlyName: 'reader', Scopes: 'read' });
    const auth = { username: key.sid, password: textOf(key.body, 'secret') };
    expect((await program.get('/conversations/v1/Users', { auth })).status).toBe(404);
    expect((await client.conversations.v1.services.list()).length).toBe(0);
  });

  it('is created once, however many requests use it first', async () => {
    const { users } = client.conversations.v1;
    const lists = await Promise.all(Array.from({ length: 8 }, () => users.list()));
    expect(lists.flat()).toEqual([]);
    const services = await client.conversations.v1.services.list();
    expect(services).toMatchObject([{ friendlyName: 'Default Conversations Service' }]);
    expect(services[0]?.sid).toBe(await defaultSid());
  });

  it('has Users with paths of their own, which are the Users of the Service', async () => {
    const { users, services } = client.conversations.v1;
    const sid = await defaultSid();
    const user = await users.create({ identity: 'alice', friendlyName: 'Alice' });
    expect(user).toMatchObject({
      chatServiceSid: sid,
      url: `${program.url}/conversations/v1/Users/${user.sid}`,
      links: {
        user_conversations: `${program.url}/conversations/v1/Users/${user.sid}/Conversations`,
      },
    });
    expect((await users('alice').fetch()).toJSON()).toEqual(user.toJSON());
    expect(await services(sid).users('alice').fetch()).toMatchObject({ sid: user.sid });
    await users(user.sid).update({ friendlyName: 'Alice B.' });
    expect(await client.chat.v2.services(sid).users('alice').fetch()).toMatchObject({
      friendlyName: 'Alice B.',
    });
    expect((await users.list({ pageSize: 1 })).map(({ identity }) => identity)).toEqual(['alice']);
    expect(await users('alice').userConversations.list()).toEqual([]);
    expect(await users('alice').remove()).toBe(true);
    expect(await restErrorOf(users('alice').fetch())).toMatchObject({
      status: 404,
      code: 20404,
      message: 'The requested resource /Users/alice was not found',
    });
  });

  it('shows who is online', async () => {
    const { users, services } = client.conversations.v1;
    const sid = await defaultSid();
    await services(sid).configuration().update({ reachabilityEnabled: true });
    await users.create({ identity: 'bob' });
    expect(await users('bob').fetch()).toMatchObject({ isOnline: null });
    const socket = connect(program, accessToken(program, sid, 'bob'));
    expect(await socket.next()).toMatchObject({ type: 'ready' });
    await until('bob to be online', async () => (await users('bob').fetch()).isOnline || undefined);
    socket.terminate();
  });

  it('has the webhook of the account', async () => {
    const { configuration, services } = client.conversations.v1;
    const changes = {
      method: 'POST',
      filters: ['onUserUpdated'],
      preWebhookUrl: 'https://example.org/pre',
      postWebhookUrl: 'https://example.org/post',
    };
    const update = { ...changes, target: 'webhook' as const };
    expect(await configuration.webhooks().update(update)).toMatchObject(update);
    expect(await configuration.webhooks().fetch()).toMatchObject(update);
    const ofService = services(await defaultSid()).configuration.webhooks();
    expect(await ofService.fetch()).toMatchObject(changes);
    const toFlex = configuration.webhooks().update({ target: 'flex' });
    expect((await restErrorOf(toFlex)).message).toMatch(/^Target/);
  });

  it('has Roles with paths of their own', async () => {
    const { roles } = client.conversations.v1;
    const role = {
      friendlyName: 'guest',
      type: 'service' as const,
      permission: ['joinConversation'],
    };
    const { sid } = await roles.create(role);
    const url = `${program.url}/conversations/v1/Roles/${sid}`;
    expect(await roles(sid).fetch()).toMatchObject({ type: 'service', url });
    expect(await roles(sid).update({ permission: ['sendMessage'] })).toMatchObject({
      permissions: ['sendMessage'],
    });
    expect((await roles.list()).map((each) => each.sid)).toContain(sid);
    expect(await roles(sid).remove()).toBe(true);
  });

  it('has no conversations', async () => {
    const { participantConversations } = client.conversations.v1;
    expect(await participantConversations.list({ identity: 'alice' })).toEqual([]);
  });

  it('is hidden from a key that is limited to Services', async () => {
    const parameters = { FriendlyName: 'limited', Scopes: 'admin', Services: await defaultSid() };
    const key = await program.post('/v2/ApiKeys', parameters);
    const auth = { username: key.sid, password: textOf(key.body, 'secret') };
    expect((await program.get('/conversations/v1/Users', { auth })).body).toMatchObject({
      status: 403,
      code: 20403,
    });
  });
});

describe('The Configuration of an account', () => {
  it('stores what has no effect here', async () => {
    const configuration = client.conversations.v1.configuration();
    expect(await configuration.fetch()).toMatchObject({ defaultInactiveTimer: null });
    const changes = {
      defaultMessagingServiceSid: `MG${'a'.repeat(32)}`,
      defaultInactiveTimer: 'PT1M',
      defaultClosedTimer: 'P1DT10M',
    };
    expect(await configuration.update(changes)).toMatchObject(changes);
    expect(await configuration.update({ defaultInactiveTimer: '' })).toMatchObject({
      ...changes,
      defaultInactiveTimer: null,
    });
  });

  it('names the default Service, until that is deleted', async () => {
    const { configuration, services, users } = client.conversations.v1;
    const first = await defaultSid();
    const other = await newService('Other');
    await services(other).users.create({ identity: 'carol' });
    const changed = await configuration().update({ defaultChatServiceSid: other });
    expect(changed).toMatchObject({
      defaultChatServiceSid: other,
      links: { service: `${program.url}/conversations/v1/Services/${other}/Configuration` },
    });
    expect((await users.list()).map(({ identity }) => identity)).toEqual(['carol']);
    await services(other).remove();
    expect(await defaultSid()).toBe(first);
  });

  it.each([
    ['DefaultChatServiceSid', { DefaultChatServiceSid: `IS${'0'.repeat(32)}` }],
    ['DefaultChatServiceSid', { DefaultChatServiceSid: 'IS1' }],
    ['DefaultMessagingServiceSid', { DefaultMessagingServiceSid: 'MG1' }],
    ['DefaultInactiveTimer', { DefaultInactiveTimer: 'soon' }],
    ['DefaultClosedTimer', { DefaultClosedTimer: 'P' }],
  ])('refuses an invalid %s: %j', async (name, parameters) => {
    const { body } = await program.post('/conversations/v1/Configuration', parameters);
    expect(body).toMatchObject({ status: 400, code: 20001 });
    expect(body['message']).toMatch(new RegExp(`^${name}`));
  });

  it('begins anew with another default Service when the first is deleted', async () => {
    const first = await defaultSid();
    await client.conversations.v1.services(first).remove();
    const next = await defaultSid();
    expect(next).not.toBe(first);
    expect(await client.conversations.v1.services(next).fetch()).toMatchObject({ sid: next });
    expect(await client.conversations.v1.configuration().fetch()).toMatchObject({
      defaultMessagingServiceSid: null,
    });
  });
});
