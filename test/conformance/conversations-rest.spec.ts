import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import twilio from 'twilio';
import { ConversationsDescription } from '../support/conversations-description.ts';
import { startProgram, type Program } from '../support/program.ts';
import { accessToken, connect } from '../support/stream-client.ts';
import { checkAnswers, restErrorOf } from '../support/twilio-client.ts';
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
  const { accountSid, authToken } = program.credentials;
  client = clientOf(accountSid, authToken);
});
afterAll(() => program.stop());

function clientOf(username: string, password: string): twilio.Twilio {
  const { accountSid } = program.credentials;
  const twilioClient = twilio(username, password, { accountSid });
  twilioClient.conversations.baseUrl = `${program.url}/conversations`;
  twilioClient.chat.baseUrl = program.url;
  checkAnswers(twilioClient, {
    check: (answer) => {
      if (answer.url.startsWith(`${program.url}/conversations`)) description.check(answer);
    },
  });
  return twilioClient;
}

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
    const wrong = clientOf(program.credentials.accountSid, 'not the token');
    const error = await restErrorOf(wrong.conversations.v1.services.list());
    expect(error).toMatchObject({ status: 401, code: 20003 });
    for (const path of ['/conversations', '/conversations/v1', '/conversations/v2/Services']) {
      expect((await program.get(path, { auth: null })).status).toBe(401);
      expect((await program.get(path)).status).toBe(404);
    }
  });
});
