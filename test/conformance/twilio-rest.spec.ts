import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import twilio from 'twilio';
import type { UserInstance } from 'twilio/lib/rest/chat/v2/service/user.js';
import { eventsIn } from '../support/event-log.ts';
import { startProgram, type Program } from '../support/program.ts';
import { checkAnswers, restErrorOf } from '../support/twilio-client.ts';
import { TwilioShapes } from '../support/twilio-shapes.ts';

/**
 * Twilio's unmodified REST helper against the built program, as in back ends written for Programmable Chat. Every answer
 * is also checked against Twilio's shapes.
 */
let program: Program;
let shapes: TwilioShapes;
let client: twilio.Twilio;

beforeAll(async () => {
  program = await startProgram();
  shapes = new TwilioShapes(program.url);
  const { accountSid, authToken } = program.credentials;
  client = clientOf(accountSid, authToken);
});
afterAll(() => program.stop());

function clientOf(
  username: string,
  password: string,
  options: { readonly accountSid?: string } = {},
): twilio.Twilio {
  const twilioClient = twilio(username, password, options);
  twilioClient.chat.baseUrl = program.url;
  checkAnswers(twilioClient, shapes);
  return twilioClient;
}

const createService = () => client.chat.v2.services.create({ friendlyName: 'Support' });

/** A new Service as the helper addresses it. In this release, the result of `create` lacks its own path. */
async function newService() {
  const { sid } = await createService();
  return client.chat.v2.services(sid);
}
type ServicePath = Awaited<ReturnType<typeof newService>>;

describe('Services', () => {
  it('are created with reachability disabled and with Twilio’s defaults', async () => {
    const service = await createService();
    expect(service.toJSON()).toMatchObject({
      sid: expect.stringMatching(/^IS[0-9a-f]{32}$/),
      accountSid: program.credentials.accountSid,
      friendlyName: 'Support',
      dateCreated: expect.any(Date),
      reachabilityEnabled: false,
      readStatusEnabled: true,
      typingIndicatorTimeout: 5,
      consumptionReportInterval: 10,
      limits: { channel_members: 100, user_channels: 250 },
      url: `${program.url}/v2/Services/${service.sid}`,
    });
  });

  it('are updated with all parameters of the helper', async () => {
    const service = await newService();
    const role = `RL${'a'.repeat(32)}`;
    const settings = {
      friendlyName: 'Sales',
      defaultServiceRoleSid: role,
      defaultChannelRoleSid: role,
      defaultChannelCreatorRoleSid: role,
      reachabilityEnabled: true,
      readStatusEnabled: false,
      typingIndicatorTimeout: 7,
      consumptionReportInterval: 30,
      webhookMethod: 'GET',
      webhookFilters: ['onMessageSent', 'onUserUpdated'],
      preWebhookUrl: 'https://example.org/pre',
      postWebhookUrl: 'http://hooks.internal:8080/post?a=b',
      preWebhookRetryCount: 1,
      postWebhookRetryCount: 3,
    };
    const updated = await service.update({
      ...settings,
      'limits.channelMembers': 10,
      'limits.userChannels': 20,
      'media.compatibilityMessage': 'A picture',
      'notifications.logEnabled': true,
      'notifications.newMessage.enabled': true,
      'notifications.newMessage.template': 'New',
      'notifications.newMessage.sound': 'ping',
      'notifications.newMessage.badgeCountEnabled': true,
      'notifications.addedToChannel.enabled': true,
      'notifications.addedToChannel.template': 'Added',
      'notifications.addedToChannel.sound': 'pong',
      'notifications.removedFromChannel.enabled': true,
      'notifications.removedFromChannel.template': 'Removed',
      'notifications.removedFromChannel.sound': 'pang',
      'notifications.invitedToChannel.enabled': true,
      'notifications.invitedToChannel.template': 'Invited',
      'notifications.invitedToChannel.sound': 'pling',
    });
    expect(updated).toMatchObject({
      ...settings,
      limits: { channel_members: 10, user_channels: 20 },
      media: { compatibility_message: 'A picture', size_limit_mb: 150 },
      notifications: {
        log_enabled: true,
        new_message: { enabled: true, template: 'New', sound: 'ping', badge_count_enabled: true },
        added_to_channel: { enabled: true, template: 'Added', sound: 'pong' },
        removed_from_channel: { enabled: true, template: 'Removed', sound: 'pang' },
        invited_to_channel: { enabled: true, template: 'Invited', sound: 'pling' },
      },
    });
    expect((await service.fetch()).toJSON()).toEqual(updated.toJSON());
    const user = await service.users.create({ identity: 'alice' });
    expect(user.roleSid).toBe(role);
  });

  it('keep values that an update omits, and clear values that it sets to empty', async () => {
    const service = await newService();
    const url = 'https://example.org/post';
    await service.update({ postWebhookUrl: url, webhookFilters: ['onUserAdded'] });
    expect(await service.update({ 'notifications.newMessage.sound': 'ping' })).toMatchObject({
      friendlyName: 'Support',
      postWebhookUrl: url,
      webhookFilters: ['onUserAdded'],
      notifications: { new_message: { enabled: false, sound: 'ping' } },
    });
    expect(await service.update({ postWebhookUrl: '', webhookFilters: [''] })).toMatchObject({
      postWebhookUrl: null,
      webhookFilters: null,
    });
  });

  it('are listed until they are removed', async () => {
    const { sid } = await createService();
    const service = client.chat.v2.services(sid);
    const sids = async () => (await client.chat.v2.services.list()).map((listed) => listed.sid);
    expect(await sids()).toContain(sid);
    expect(await service.remove()).toBe(true);
    expect(await sids()).not.toContain(sid);
    const error = await restErrorOf(service.fetch());
    expect(error).toMatchObject({ status: 404, code: 20404 });
  });

  it('are the same under /v1', async () => {
    const { sid } = await createService();
    const throughV1 = await client.chat.v1.services(sid).update({ reachabilityEnabled: true });
    expect(throughV1).toMatchObject({ sid, reachabilityEnabled: true });
    const throughV2 = await client.chat.v2.services(sid).fetch();
    expect(throughV2).toMatchObject({ sid, reachabilityEnabled: true });
  });
});

describe('Users', () => {
  it('are created with the webhook header, and fetched by sid and by identity', async () => {
    const { sid } = await createService();
    const service = client.chat.v2.services(sid);
    const user = await service.users.create({
      identity: 'alice',
      friendlyName: 'Alice',
      attributes: '{"team":"north"}',
      xTwilioWebhookEnabled: 'true',
    });
    expect(user.toJSON()).toMatchObject({
      sid: expect.stringMatching(/^US[0-9a-f]{32}$/),
      serviceSid: sid,
      identity: 'alice',
      friendlyName: 'Alice',
      attributes: '{"team":"north"}',
      isOnline: null,
      isNotifiable: null,
      joinedChannelsCount: 0,
      dateCreated: expect.any(Date),
    });
    expect((await service.users(user.sid).fetch()).toJSON()).toEqual(user.toJSON());
    expect((await service.users('alice').fetch()).toJSON()).toEqual(user.toJSON());
  });

  it('are fetched by identities with special characters', async () => {
    const service = await newService();
    const identity = 'zoë@example.org/50% 🦊';
    const created = await service.users.create({ identity });
    const fetched = await service.users(encodeURIComponent(identity)).fetch();
    expect(fetched).toMatchObject({ sid: created.sid, identity });
  });

  it('are recorded with a webhook only if the header asks for it', async () => {
    const { sid } = await createService();
    const { users } = client.chat.v2.services(sid);
    const withWebhook = { xTwilioWebhookEnabled: 'true' } as const;
    const loud = await users.create({ identity: 'loud', ...withWebhook });
    await users('loud').update({ friendlyName: 'Loud', ...withWebhook });
    const quiet = await users.create({ identity: 'quiet', xTwilioWebhookEnabled: 'false' });
    await users('quiet').update({ friendlyName: 'Quiet' });
    const recorded = (of: UserInstance) =>
      eventsIn(program.dataDir)
        .filter(({ stream }) => stream === `user-${of.sid}`)
        .map(({ type, data }) => [type, data['webhookEnabled']]);
    expect(recorded(loud)).toEqual([
      ['UserCreated', true],
      ['UserUpdated', true],
    ]);
    expect(recorded(quiet)).toEqual([
      ['UserCreated', undefined],
      ['UserUpdated', undefined],
    ]);
  });

  it('are updated, except for reachability', async () => {
    const service = await newService();
    await service.users.create({ identity: 'alice' });
    const updated = await service
      .users('alice')
      .update({ friendlyName: 'Alice B.', attributes: '{"a":1}' });
    expect(updated).toMatchObject({ friendlyName: 'Alice B.', attributes: '{"a":1}' });
    expect(updated).toMatchObject({ isOnline: null, isNotifiable: null });
  });

  it('are not found after they are removed', async () => {
    const service = await newService();
    await service.users.create({ identity: 'alice' });
    const user = service.users('alice');
    expect(await user.remove()).toBe(true);
    expect(await restErrorOf(user.fetch())).toMatchObject({ status: 404, code: 20404 });
  });
});

describe('Lists of Users', () => {
  const identities = Array.from({ length: 23 }, (_, index) => `user-${index}`);
  let users: ServicePath['users'];

  beforeAll(async () => {
    ({ users } = await newService());
    for (const identity of identities) await users.create({ identity });
  });

  const identitiesOf = (list: readonly UserInstance[]) => list.map(({ identity }) => identity);

  it('are complete and in order across pages', async () => {
    expect(identitiesOf(await users.list({ pageSize: 5 }))).toEqual(identities);
  });

  it('end at the limit of the helper', async () => {
    expect(identitiesOf(await users.list({ pageSize: 5, limit: 12 }))).toEqual(
      identities.slice(0, 12),
    );
  });

  it('accept a limit above the largest page size', async () => {
    expect(identitiesOf(await users.list({ limit: 500 }))).toEqual(identities);
  });

  it('link to the next and the previous page', async () => {
    const first = await users.page({ pageSize: 10 });
    expect(first.nextPageUrl).toMatch(
      new RegExp(`^${program.url}/v2/.+PageSize=10&Page=1&PageTok`),
    );
    const second = await first.nextPage();
    expect(identitiesOf(second?.instances ?? [])).toEqual(identities.slice(10, 20));
    const third = await users.getPage(second?.nextPageUrl ?? '');
    expect(identitiesOf(third.instances)).toEqual(identities.slice(20));
    expect(third.nextPageUrl).toBeUndefined();
    const back = await third.previousPage();
    expect(identitiesOf(back?.instances ?? [])).toEqual(identities.slice(10, 20));
  });

  it('pass each User to a callback', async () => {
    const seen: string[] = [];
    await new Promise<void>((resolve, reject) => {
      users.each({
        pageSize: 7,
        callback: ({ identity }) => seen.push(identity),
        done: (error?: Error) => (error === undefined ? resolve() : reject(error)),
      });
    });
    expect(seen).toEqual(identities);
  });
});

describe('Reachability', () => {
  it('goes from null to true, false and null when a User connects, disconnects, and it is disabled', async () => {
    const { sid } = await createService();
    const service = client.chat.v2.services(sid);
    await service.users.create({ identity: 'alice' });
    const user = service.users('alice');
    const connections = `/v2/Services/${sid}/Users/alice/Connections`;

    await service.update({ reachabilityEnabled: true });
    expect(await user.fetch()).toMatchObject({ isOnline: null, isNotifiable: null });
    const connection = await program.post(connections, {});
    expect(await user.fetch()).toMatchObject({ isOnline: true, isNotifiable: false });
    const [listed] = await service.users.list();
    expect(listed).toMatchObject({ isOnline: null, isNotifiable: null });
    await program.delete(`${connections}/${connection.sid}`);
    expect(await user.fetch()).toMatchObject({ isOnline: false, isNotifiable: false });
    await service.update({ reachabilityEnabled: false });
    expect(await user.fetch()).toMatchObject({ isOnline: null, isNotifiable: null });
  });
});

describe('Bindings', () => {
  let service: ServicePath;
  let bindingSid: string;

  beforeAll(async () => {
    const { sid } = await createService();
    service = client.chat.v2.services(sid);
    await service.users.create({ identity: 'alice' });
    await service.users.create({ identity: 'bob' });
    const path = (identity: string) => `/v2/Services/${sid}/Users/${identity}/Bindings`;
    bindingSid = (await program.post(path('alice'), { BindingType: 'fcm', Address: 'alice-fcm' }))
      .sid;
    await program.post(path('alice'), { BindingType: 'apn', Address: 'alice-apn' });
    await program.post(path('bob'), { BindingType: 'fcm', Address: 'bob-fcm' });
  });

  it('are listed for the Service, by type and by identity', async () => {
    expect(await service.bindings.list()).toHaveLength(3);
    expect(await service.bindings.list({ bindingType: ['fcm'] })).toHaveLength(2);
    expect(await service.bindings.list({ bindingType: ['fcm', 'apn'] })).toHaveLength(3);
    const ofBob = await service.bindings.list({ identity: ['bob'] });
    expect(ofBob).toMatchObject([{ identity: 'bob', bindingType: 'fcm' }]);
  });

  it('are listed for the User', async () => {
    const ofAlice = await service.users('alice').userBindings.list({ bindingType: ['apn'] });
    expect(ofAlice).toMatchObject([{ identity: 'alice', bindingType: 'apn' }]);
    expect(await service.users('alice').userBindings.list({ pageSize: 1 })).toHaveLength(2);
  });

  it('are fetched by both paths, and not found after they are removed', async () => {
    const binding = await service.bindings(bindingSid).fetch();
    const ofUser = await service.users('alice').userBindings(bindingSid).fetch();
    expect(ofUser).toMatchObject({ sid: binding.sid, endpoint: binding.endpoint });
    expect(ofUser.dateCreated).toEqual(binding.dateCreated);
    expect(await ofUser.remove()).toBe(true);
    expect(await restErrorOf(binding.fetch())).toMatchObject({ status: 404, code: 20404 });
  });
});

describe('A Binding that a push service reports dead', () => {
  it.each<[string, (service: ServicePath, sid: string) => Promise<boolean>]>([
    ['of the Service', (service, sid) => service.bindings(sid).remove()],
    ['of the User', (service, sid) => service.users('alice').userBindings(sid).remove()],
  ])(
    'is removed as a Binding %s; without Bindings the User is not notifiable',
    async (_, remove) => {
      const { sid } = await createService();
      const service = client.chat.v2.services(sid);
      await service.update({ reachabilityEnabled: true });
      await service.users.create({ identity: 'alice' });
      const alice = `/v2/Services/${sid}/Users/alice`;
      await program.post(`${alice}/Connections`, {});
      const bindings = await Promise.all(
        ['phone', 'tablet'].map((device) =>
          program.post(`${alice}/Bindings`, { BindingType: 'apn', Address: device }),
        ),
      );
      const notifiable: boolean[] = [];
      for (const binding of bindings) {
        notifiable.push((await service.users('alice').fetch()).isNotifiable);
        expect(await remove(service, binding.sid)).toBe(true);
        expect(await restErrorOf(remove(service, binding.sid))).toMatchObject({ code: 20404 });
      }
      notifiable.push((await service.users('alice').fetch()).isNotifiable);
      expect(notifiable).toEqual([true, true, false]);
    },
  );
});

describe('Roles', () => {
  it('are three, and are the defaults of Services and Users', async () => {
    const { sid } = await createService();
    const context = client.chat.v2.services(sid);
    const service = await context.fetch();
    const roles = await context.roles.list();
    const bySid = new Map(roles.map((role) => [role.sid, role.friendlyName]));
    expect([...bySid.values()]).toEqual(['service user', 'channel user', 'channel admin']);
    expect(bySid.get(service.defaultServiceRoleSid)).toBe('service user');
    expect(bySid.get(service.defaultChannelRoleSid)).toBe('channel user');
    expect(bySid.get(service.defaultChannelCreatorRoleSid)).toBe('channel admin');
    const { roleSid } = await context.users.create({ identity: 'alice' });
    expect(roleSid).toBe(service.defaultServiceRoleSid);
  });

  it('are fetched by sid, and listed in pages of any size', async () => {
    const service = await newService();
    const roles = await service.roles.list();
    const first = roles[0]!;
    expect((await service.roles(first.sid).fetch()).toJSON()).toEqual(first.toJSON());
    expect(first).toMatchObject({
      type: 'deployment',
      permissions: ['createChannel', 'joinChannel', 'editOwnUserInfo'],
      dateCreated: expect.any(Date),
      dateUpdated: expect.any(Date),
    });
    const inPages = await service.roles.list({ pageSize: 1 });
    expect(inPages.map((role) => role.toJSON())).toEqual(roles.map((role) => role.toJSON()));
  });

  it('are created, updated and deleted', async () => {
    const service = await newService();
    const defaults = await service.roles.list();
    const permission = ['createChannel', 'sendMessage'];
    const created = await service.roles.create({
      friendlyName: 'Boss',
      type: 'deployment',
      permission,
    });
    expect(created).toMatchObject({ friendlyName: 'Boss', type: 'deployment' });
    expect(created).toMatchObject({ permissions: permission, dateCreated: expect.any(Date) });
    const updated = await service.roles(created.sid).update({ permission: ['joinChannel'] });
    expect(updated).toMatchObject({ sid: created.sid, permissions: ['joinChannel'] });
    expect((await service.roles(created.sid).fetch()).toJSON()).toEqual(updated.toJSON());
    const names = async () => (await service.roles.list()).map((role) => role.friendlyName);
    expect(await names()).toEqual([...defaults.map((role) => role.friendlyName), 'Boss']);
    expect(await service.roles(created.sid).remove()).toBe(true);
    expect(await restErrorOf(service.roles(created.sid).fetch())).toMatchObject({ code: 20404 });
    expect(await restErrorOf(service.roles(created.sid).remove())).toMatchObject({ code: 20404 });
    expect((await service.roles.list()).map((role) => role.toJSON())).toEqual(
      defaults.map((role) => role.toJSON()),
    );
  });

  it('may be default ones', async () => {
    const service = await newService();
    const [first, second] = await service.roles.list();
    const updated = await service.roles(first!.sid).update({ permission: ['joinChannel'] });
    expect(updated).toMatchObject({ friendlyName: 'service user', permissions: ['joinChannel'] });
    expect(updated.dateCreated).toEqual(first!.dateCreated);
    expect(await service.roles(second!.sid).remove()).toBe(true);
    expect(await service.roles.list()).toHaveLength(2);
  });
});

describe('Lists of Channels', () => {
  it('are empty', async () => {
    const service = await newService();
    await service.users.create({ identity: 'alice' });
    expect(await service.channels.list()).toEqual([]);
    expect(await service.channels.list({ pageSize: 5, limit: 10 })).toEqual([]);
    expect(await service.users('alice').userChannels.list()).toEqual([]);
  });

  it('are not found where there is no Service or User', async () => {
    const { users } = await newService();
    const missing = client.chat.v2.services(`IS${'0'.repeat(32)}`);
    for (const call of [missing.channels.list(), users('nobody').userChannels.list()]) {
      expect(await restErrorOf(call)).toMatchObject({ status: 404, code: 20404 });
    }
  });
});

describe('A Twilio resource outside this service', () => {
  it.each<[string, (service: ServicePath) => Promise<unknown>]>([
    ['one Channel', ({ channels }) => channels(`CH${'0'.repeat(32)}`).fetch()],
    ['Members', ({ channels }) => channels(`CH${'0'.repeat(32)}`).members.list()],
    ['Messages', ({ channels }) => channels('general').messages.create({ body: 'Hi' })],
    ['Credentials', () => client.chat.v2.credentials.list()],
  ])('is answered with 404 as by Twilio: %s', async (_, call) => {
    const service = await newService();
    await service.users.create({ identity: 'alice' });
    expect(await restErrorOf(call(service))).toMatchObject({
      status: 404,
      code: 20404,
      message: expect.stringMatching(/^The requested resource \/\S+ was not found$/),
    });
  });
});

describe('Credentials', () => {
  it('can be an API key', async () => {
    const { accountSid, apiKey } = program.credentials;
    const withKey = clientOf(apiKey.sid, apiKey.secret, { accountSid });
    const service = await withKey.chat.v2.services.create({ friendlyName: 'By key' });
    expect(service).toMatchObject({ accountSid, friendlyName: 'By key' });
  });

  it('are rejected with 401 and code 20003 if they are wrong', async () => {
    const wrong = clientOf(program.credentials.accountSid, 'not the token');
    expect(await restErrorOf(wrong.chat.v2.services.list())).toMatchObject({
      status: 401,
      code: 20003,
    });
  });
});

describe('An error', () => {
  it('is 409 with code 50201 for an existing User', async () => {
    const { users } = await newService();
    await users.create({ identity: 'alice' });
    expect(await restErrorOf(users.create({ identity: 'alice' }))).toMatchObject({
      status: 409,
      code: 50201,
      message: 'User already exists',
      moreInfo: 'https://www.twilio.com/docs/errors/50201',
    });
  });

  it('is 404 with code 20404 and the path without version for a missing resource', async () => {
    const { sid } = await createService();
    expect(await restErrorOf(client.chat.v2.services(sid).users('nobody').fetch())).toMatchObject({
      status: 404,
      code: 20404,
      message: `The requested resource /Services/${sid}/Users/nobody was not found`,
      moreInfo: 'https://www.twilio.com/docs/errors/20404',
    });
  });

  it('is 400 with code 20001 and the name of the parameter for an invalid parameter', async () => {
    const service = await newService();
    const error = await restErrorOf(service.update({ typingIndicatorTimeout: -1 }));
    expect(error).toMatchObject({
      status: 400,
      code: 20001,
      moreInfo: 'https://www.twilio.com/docs/errors/20001',
    });
    expect(error.message).toContain('TypingIndicatorTimeout');
  });

  it('is 400 with code 50206 for an identity in the form of a sid', async () => {
    const { users } = await newService();
    const identity = `US${'0'.repeat(32)}`;
    expect(await restErrorOf(users.create({ identity }))).toMatchObject({
      status: 400,
      code: 50206,
    });
  });
});
