import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type twilio from 'twilio';
import { conversationsClient } from '../support/conversations-client.ts';
import { ConversationsDescription } from '../support/conversations-description.ts';
import { startProgram, type Program } from '../support/program.ts';
import { accessToken, connect } from '../support/stream-client.ts';
import { restErrorOf } from '../support/twilio-client.ts';
import { until } from '../support/until.ts';

/**
 * Twilio's unmodified REST helper against the built program, as in back ends written for Conversations. Every answer is
 * also checked against Twilio's published description.
 */
let program: Program;
let description: ConversationsDescription;
let client: twilio.Twilio;

beforeAll(async () => {
  program = await startProgram();
  description = new ConversationsDescription(program.url);
  client = conversationsClient(program, description);
});
afterAll(() => program.stop());

async function newService() {
  const { sid } = await client.conversations.v1.services.create({ friendlyName: 'Support' });
  return {
    sid,
    service: client.conversations.v1.services(sid),
    chat: client.chat.v2.services(sid),
  };
}

const enable = { reachabilityEnabled: true } as const;

describe('A Service of Conversations', () => {
  it('is created, fetched, listed and removed', async () => {
    const { sid, service } = await newService();
    expect(await service.fetch()).toMatchObject({
      sid,
      accountSid: program.credentials.accountSid,
      friendlyName: 'Support',
      dateCreated: expect.any(Date),
      url: `${program.url}/conversations/v1/Services/${sid}`,
    });
    const { services } = client.conversations.v1;
    const sids = async () => (await services.list({ pageSize: 1 })).map((each) => each.sid);
    expect(await sids()).toContain(sid);
    expect(await service.remove()).toBe(true);
    expect(await sids()).not.toContain(sid);
    expect(await restErrorOf(service.fetch())).toMatchObject({
      status: 404,
      code: 20404,
      message: `The requested resource /Services/${sid} was not found`,
    });
  });

  it('is a Service of the chat API, too', async () => {
    const { sid, chat, service } = await newService();
    expect(await chat.fetch()).toMatchObject({ sid, friendlyName: 'Support' });
    await chat.update({ friendlyName: 'Sales' });
    expect(await service.fetch()).toMatchObject({ friendlyName: 'Sales' });
    await chat.remove();
    expect(await restErrorOf(service.configuration().fetch())).toMatchObject({ status: 404 });
  });
});

describe('The Configuration of a Service', () => {
  it('holds the reachability flag, which is the one of the chat API', async () => {
    const { sid, service, chat } = await newService();
    expect(await service.configuration().fetch()).toMatchObject({
      chatServiceSid: sid,
      reachabilityEnabled: false,
    });
    expect(await service.configuration().update(enable)).toMatchObject(enable);
    expect(await chat.fetch()).toMatchObject(enable);
    await chat.update({ reachabilityEnabled: false });
    expect(await service.configuration().fetch()).toMatchObject({ reachabilityEnabled: false });
  });

  it('keeps what an update omits, and sets default Roles', async () => {
    const { service, chat } = await newService();
    await service.configuration().update(enable);
    const roles = {
      defaultConversationCreatorRoleSid: `RL${'a'.repeat(32)}`,
      defaultConversationRoleSid: `RL${'b'.repeat(32)}`,
      defaultChatServiceRoleSid: `RL${'c'.repeat(32)}`,
    };
    expect(await service.configuration().update(roles)).toMatchObject({ ...roles, ...enable });
    expect(await chat.fetch()).toMatchObject({
      defaultChannelCreatorRoleSid: roles.defaultConversationCreatorRoleSid,
      defaultChannelRoleSid: roles.defaultConversationRoleSid,
      defaultServiceRoleSid: roles.defaultChatServiceRoleSid,
    });
  });
});

describe('The webhook of a Service', () => {
  it('is empty at first, and the one of the chat API', async () => {
    const { sid, service, chat } = await newService();
    const webhooks = service.configuration.webhooks();
    expect(await webhooks.fetch()).toMatchObject({
      chatServiceSid: sid,
      preWebhookUrl: null,
      postWebhookUrl: null,
      filters: null,
      method: null,
    });
    const urls = {
      preWebhookUrl: 'https://example.org/pre',
      postWebhookUrl: 'http://hooks.internal:8080/post?a=b',
    };
    const changes = { ...urls, method: 'GET', filters: ['onUserUpdated', 'onParticipantAdded'] };
    expect(await webhooks.update(changes)).toMatchObject(changes);
    const { filters: webhookFilters, method: webhookMethod } = changes;
    expect(await chat.fetch()).toMatchObject({ ...urls, webhookFilters, webhookMethod });
    expect(await webhooks.update({ method: 'POST' })).toMatchObject({ ...changes, method: 'POST' });
    const cleared = await webhooks.update({ postWebhookUrl: '', filters: [''] });
    expect(cleared).toMatchObject({ postWebhookUrl: null, filters: null });
  });

  it('shows no password of its URLs', async () => {
    const { sid, service } = await newService();
    const postWebhookUrl = 'https://user:secret@example.org/post';
    await service.configuration.webhooks().update({ postWebhookUrl });
    const path = `/conversations/v1/Services/${sid}/Configuration/Webhooks`;
    expect((await program.get(path)).text).not.toContain('secret');
  });

  it('refuses unknown events by name', async () => {
    const { service } = await newService();
    const update = service.configuration.webhooks().update({ filters: ['onUserSeen'] });
    const error = await restErrorOf(update);
    expect(error).toMatchObject({ status: 400, code: 20001 });
    expect(error.message).toMatch(/^Filters.*onUserSeen/);
  });
});

describe('The push settings of a Service', () => {
  it('are off at first, updated one by one, and those of the chat API', async () => {
    const { sid, service, chat } = await newService();
    const { notifications } = service.configuration;
    expect(await notifications().fetch()).toMatchObject({
      chatServiceSid: sid,
      logEnabled: false,
      newMessage: { enabled: false, with_media: { enabled: false } },
      addedToConversation: { enabled: false },
      removedFromConversation: { enabled: false },
    });
    await notifications().update({ 'newMessage.withMedia.template': 'A picture' });
    const updated = await notifications().update({
      logEnabled: true,
      'newMessage.enabled': true,
      'newMessage.template': 'New',
      'newMessage.sound': 'ping',
      'newMessage.badgeCountEnabled': true,
      'newMessage.withMedia.enabled': true,
      'addedToConversation.enabled': true,
      'addedToConversation.template': 'Added',
      'addedToConversation.sound': 'pong',
      'removedFromConversation.enabled': true,
      'removedFromConversation.template': 'Removed',
      'removedFromConversation.sound': 'pang',
    });
    expect(updated).toMatchObject({
      logEnabled: true,
      newMessage: {
        enabled: true,
        template: 'New',
        sound: 'ping',
        badge_count_enabled: true,
        with_media: { enabled: true, template: 'A picture' },
      },
      addedToConversation: { enabled: true, template: 'Added', sound: 'pong' },
      removedFromConversation: { enabled: true, template: 'Removed', sound: 'pang' },
    });
    expect((await chat.fetch()).notifications).toEqual({
      log_enabled: true,
      new_message: { enabled: true, template: 'New', sound: 'ping', badge_count_enabled: true },
      added_to_channel: { enabled: true, template: 'Added', sound: 'pong' },
      removed_from_channel: { enabled: true, template: 'Removed', sound: 'pang' },
      invited_to_channel: { enabled: false },
    });
  });
});

describe('A Binding of Conversations', () => {
  it('is listed by type and identity, fetched and removed', async () => {
    const { sid, service } = await newService();
    await service.users.create({ identity: 'alice' });
    const path = `/v2/Services/${sid}/Users/alice/Bindings`;
    const fcm = await program.post(path, { BindingType: 'fcm', Address: 'a' });
    await program.post(path, { BindingType: 'apn', Address: 'b' });
    expect(await service.bindings.list({ pageSize: 1 })).toHaveLength(2);
    const filter = { bindingType: ['fcm' as const], identity: ['alice'] };
    expect(await service.bindings.list(filter)).toMatchObject([{ sid: fcm.sid }]);
    expect(await service.bindings.list({ identity: ['bob'] })).toEqual([]);
    const binding = service.bindings(fcm.sid);
    expect(await binding.fetch()).toMatchObject({
      chatServiceSid: sid,
      identity: 'alice',
      bindingType: 'fcm',
      credentialSid: null,
      messageTypes: ['new_message', 'added_to_conversation', 'removed_from_conversation'],
    });
    expect(await binding.remove()).toBe(true);
    expect(await restErrorOf(binding.fetch())).toMatchObject({ status: 404, code: 20404 });
  });
});

describe('A Role of Conversations', () => {
  it('is one of three at first, in the words of Conversations', async () => {
    const { sid, service } = await newService();
    const roles = await service.roles.list({ pageSize: 2 });
    expect(roles).toMatchObject([
      { type: 'service', permissions: expect.arrayContaining(['createConversation']) },
      { type: 'conversation', permissions: expect.arrayContaining(['leaveConversation']) },
      { type: 'conversation', permissions: expect.arrayContaining(['removeParticipant']) },
    ]);
    const [first] = roles;
    const { defaultChatServiceRoleSid } = await service.configuration().fetch();
    expect(first).toMatchObject({ chatServiceSid: sid, sid: defaultChatServiceRoleSid });
    expect(await service.roles(defaultChatServiceRoleSid).fetch()).toMatchObject({
      friendlyName: first?.friendlyName,
    });
  });

  it('is created, updated and removed, as in the chat API', async () => {
    const { service, chat } = await newService();
    const parameters = { friendlyName: 'guest', type: 'conversation' as const };
    const created = await service.roles.create({ ...parameters, permission: ['sendMessage'] });
    expect(created).toMatchObject({ ...parameters, permissions: ['sendMessage'] });
    expect(await chat.roles(created.sid).fetch()).toMatchObject({ type: 'channel' });
    const permission = ['sendMessage', 'leaveConversation'];
    const updated = await service.roles(created.sid).update({ permission });
    expect(updated).toMatchObject({ permissions: permission });
    expect(await service.roles(created.sid).remove()).toBe(true);
    expect(await restErrorOf(chat.roles(created.sid).fetch())).toMatchObject({ status: 404 });
  });
});

describe('Lists of conversations', () => {
  it('are empty', async () => {
    const { service } = await newService();
    await service.users.create({ identity: 'alice' });
    expect(await service.users('alice').userConversations.list()).toEqual([]);
    const { participantConversations } = service;
    expect(await participantConversations.list({ identity: 'alice' })).toEqual([]);
    const page = await participantConversations.page({ identity: 'alice', pageSize: 7 });
    expect(page.instances).toEqual([]);
  });

  it('keep the participant in their links', async () => {
    const { sid } = await newService();
    const path = `/conversations/v1/Services/${sid}/ParticipantConversations?Identity=a%26b`;
    const url = `${program.url}${path}&PageSize=50&Page=0`;
    const { body } = await program.get(path);
    expect(body['meta']).toMatchObject({ key: 'conversations', url, first_page_url: url });
  });

  it('are not found for a User or Service that does not exist', async () => {
    const { service } = await newService();
    const absent = client.conversations.v1.services(`IS${'0'.repeat(32)}`);
    for (const list of [
      service.users('nobody').userConversations.list(),
      absent.participantConversations.list(),
    ]) {
      expect(await restErrorOf(list)).toMatchObject({ status: 404, code: 20404 });
    }
  });
});

describe('A User of Conversations', () => {
  it('is created, fetched by sid and identity, updated and removed', async () => {
    const { sid, service, chat } = await newService();
    const user = await service.users.create({
      identity: 'alice',
      friendlyName: 'Alice',
      attributes: '{"team":"north"}',
      xTwilioWebhookEnabled: 'true',
    });
    expect(user.toJSON()).toMatchObject({
      chatServiceSid: sid,
      identity: 'alice',
      friendlyName: 'Alice',
      attributes: '{"team":"north"}',
      isOnline: null,
      isNotifiable: null,
    });
    expect((await service.users(user.sid).fetch()).toJSON()).toEqual(user.toJSON());
    expect((await service.users('alice').fetch()).toJSON()).toEqual(user.toJSON());
    const role = `RL${'d'.repeat(32)}`;
    const changes = { friendlyName: 'Alice B.', attributes: '[]', roleSid: role };
    expect(await service.users('alice').update(changes)).toMatchObject(changes);
    expect(await chat.users('alice').fetch()).toMatchObject(changes);
    expect(await service.users('alice').remove()).toBe(true);
    expect(await restErrorOf(chat.users('alice').fetch())).toMatchObject({ status: 404 });
    expect(await restErrorOf(service.users('alice').fetch())).toMatchObject({
      status: 404,
      code: 20404,
      message: `The requested resource /Services/${sid}/Users/alice was not found`,
    });
  });

  it('is online while a client is connected, and null in lists', async () => {
    const { sid, service, chat } = await newService();
    await service.configuration().update(enable);
    await service.users.create({ identity: 'alice' });
    const user = service.users('alice');
    expect(await user.fetch()).toMatchObject({ isOnline: null, isNotifiable: null });
    const socket = connect(program, accessToken(program, sid, 'alice'));
    expect(await socket.next()).toMatchObject({ type: 'ready' });
    await until('alice to be online', async () => (await user.fetch()).isOnline || undefined);
    expect(await user.fetch()).toMatchObject({ isOnline: true, isNotifiable: false });
    expect(await chat.users('alice').fetch()).toMatchObject({ isOnline: true });
    const listed = await service.users.list();
    expect(listed).toMatchObject([{ identity: 'alice', isOnline: null, isNotifiable: null }]);
    await service.configuration().update({ reachabilityEnabled: false });
    expect(await user.fetch()).toMatchObject({ isOnline: null, isNotifiable: null });
    socket.terminate();
  });

  it('is listed in pages of 50 at most', async () => {
    const { service } = await newService();
    const identities = Array.from({ length: 7 }, (_, index) => `user-${index}`);
    for (const identity of identities) await service.users.create({ identity });
    const list = await service.users.list({ pageSize: 3 });
    expect(list.map(({ identity }) => identity)).toEqual(identities);
    const page = await service.users.page({ pageSize: 3 });
    expect(page.nextPageUrl).toMatch(
      new RegExp(`^${program.url}/conversations/v1/Services/IS\\w+/Users\\?PageSize=3&Page=1&`),
    );
    const { sid } = await service.fetch();
    const { body } = await program.get(`/conversations/v1/Services/${sid}/Users?PageSize=100`);
    expect(body['meta']).toMatchObject({ key: 'users', page_size: 50 });
  });
});

describe('A write of Conversations', () => {
  const enabled = { ReachabilityEnabled: 'true' };

  it('is carried out once for an Idempotency-Key', async () => {
    const { sid } = await newService();
    const path = `/conversations/v1/Services/${sid}/Users`;
    const headers = { 'idempotency-key': 'only-once' };
    const first = await program.post(path, { Identity: 'alice' }, { headers });
    const second = await program.post(path, { Identity: 'alice' }, { headers });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(second.body).toEqual(first.body);
    const other = await program.post(path, { Identity: 'bob' }, { headers });
    expect(other.body).toMatchObject({ status: 422, code: 20422 });
  });

  it('names its version, which a read may ask for', async () => {
    const { sid } = await newService();
    const path = `/conversations/v1/Services/${sid}/Configuration`;
    const { headers } = await program.post(path, enabled);
    const version = String(headers['x-reachability-version']);
    expect(version).toMatch(/^[^:]+:\d+$/);
    const read = await program.get(path, { headers: { 'x-reachability-version': version } });
    expect(read.body['reachability_enabled']).toBe(true);
    const malformed = { headers: { 'x-reachability-version': 'newest' } };
    expect((await program.get(path, malformed)).status).toBe(400);
  });
});

describe('An error of Conversations', () => {
  it('is 409 with code 50201 for an existing User', async () => {
    const { service, chat } = await newService();
    await chat.users.create({ identity: 'alice' });
    const error = await restErrorOf(service.users.create({ identity: 'alice' }));
    expect(error).toMatchObject({ status: 409, code: 50201, message: 'User already exists' });
  });

  it.each([
    ['Identity', 20001, { Identity: '' }],
    ['Identity', 50206, { Identity: `US${'0'.repeat(32)}` }],
    ['FriendlyName', 50003, { Identity: 'bob', FriendlyName: 'x'.repeat(257) }],
    ['Attributes', 50304, { Identity: 'bob', Attributes: '{' }],
    ['RoleSid', 20001, { Identity: 'bob', RoleSid: 'RL1' }],
  ])('is 400 for an invalid %s, with code %i', async (name, code, parameters) => {
    const { sid } = await newService();
    const answer = await program.post(`/conversations/v1/Services/${sid}/Users`, parameters);
    expect(answer.body).toMatchObject({ status: 400, code });
    if (code !== 50206) expect(answer.body['message']).toMatch(new RegExp(`^${name}`));
  });

  it('is 401 with code 20003 for wrong credentials, also on a path without a route', async () => {
    const credentials = { username: program.credentials.accountSid, password: 'not the token' };
    const wrong = conversationsClient(program, description, credentials);
    const error = await restErrorOf(wrong.conversations.v1.services.list());
    expect(error).toMatchObject({ status: 401, code: 20003 });
    for (const path of ['/conversations', '/conversations/v1', '/conversations/v2/Services']) {
      expect((await program.get(path, { auth: null })).status).toBe(401);
      expect((await program.get(path)).status).toBe(404);
    }
  });
});
