import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { textOf } from '../../support/fields.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { connect } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';
import { ChatService } from './chat-service.ts';
import { describeSdks, SdkClient, SDKS, type Sdk, type SdkUser } from './sdk-client.ts';

/** Twilio's unmodified client SDKs against the built program. They get only its address and a token. */
let program: Program;
let service: ChatService;

beforeAll(async () => {
  program = await startProgram();
});
afterAll(() => program.stop());
beforeEach(async () => {
  service = await ChatService.create(program);
});
afterEach(() => SdkClient.killAll());

const NULL = { online: null, notifiable: null };
const OTHER: Readonly<Record<Sdk, Sdk>> = {
  'twilio-chat': '@twilio/conversations',
  '@twilio/conversations': 'twilio-chat',
};

describeSdks.each(SDKS)('%s', (sdk) => {
  it('initializes and shows whether reachability is enabled', async () => {
    const alice = await service.client(sdk, 'alice');
    expect(await alice.call('reachabilityEnabled')).toBe(true);
    expect(await alice.call('connectionState')).toBe('connected');
    await service.setEnabled(false);
    const bob = await service.client(sdk, 'bob');
    expect(await bob.call('reachabilityEnabled')).toBe(false);
  });

  it('sees a User go from null to true, false and null', async () => {
    await service.createUser('bob');
    const alice = await service.client(sdk, 'alice');
    expect(await alice.getUser('bob')).toMatchObject(NULL);

    const disconnect = await service.connect('bob');
    expect(await alice.updated('bob')).toMatchObject({
      online: true,
      notifiable: false,
      reasons: ['online', 'notifiable'],
    });
    await program.post(`${service.pathOf('bob')}/Bindings`, { BindingType: 'fcm', Address: 'b' });
    expect(await alice.updated('bob')).toMatchObject({
      online: true,
      notifiable: true,
      reasons: ['notifiable'],
    });
    await disconnect();
    expect(await alice.updated('bob')).toMatchObject({ online: false, reasons: ['online'] });
    await service.setEnabled(false);
    expect(await alice.updated('bob')).toMatchObject({
      ...NULL,
      reasons: ['online', 'notifiable'],
    });
    expect(await alice.getUser('bob')).toMatchObject(NULL);
  });

  it('gets no changes while reachability is disabled, and the next connect after it is enabled', async () => {
    await service.setEnabled(false);
    await service.createUser('bob');
    const alice = await service.client(sdk, 'alice');
    await alice.getUser('bob');
    alice.clearEvents();
    const disconnect = await service.connect('bob');
    await disconnect();
    await service.setEnabled(true);
    await program.post(service.pathOf('bob'), { FriendlyName: 'Bob' });
    expect(await alice.updated('bob')).toMatchObject({ ...NULL, reasons: ['friendlyName'] });
    await service.connect('bob');
    expect(await alice.updated('bob')).toMatchObject({ online: true, notifiable: false });
  });

  it('sees itself online, and its own changes', async () => {
    const alice = await service.client(sdk, 'alice');
    const [self] = (await alice.call('getSubscribedUsers')) as unknown[];
    expect(self).toMatchObject({ identity: 'alice', online: true, notifiable: false });
    await alice.getUser('alice');
    await service.setEnabled(false);
    expect(await alice.updated('alice', 'notifiable')).toMatchObject(NULL);
  });

  it('lists itself first among its subscribed Users', async () => {
    const identities = ['bob', 'carol', 'dave'];
    for (const identity of identities) await service.createUser(identity);
    const alice = await service.client(sdk, 'alice');
    for (const identity of identities) await alice.getUser(identity);
    const users = (await alice.call('getSubscribedUsers')) as { identity: string }[];
    expect(users.map(({ identity }) => identity)).toEqual(['alice', ...identities]);
  });

  it('subscribes to a hundred Users at once, and gets a change of each', async () => {
    const identities = Array.from({ length: 100 }, (_, index) => `user-${index}`);
    await Promise.all(identities.map((identity) => service.createUser(identity)));
    const alice = await service.client(sdk, 'alice');
    await Promise.all(identities.map((identity) => alice.call('getUser', identity)));
    await Promise.all(identities.map((identity) => service.connect(identity)));
    const changedUsers = new Set<string>();
    while (changedUsers.size < identities.length) {
      const { identity, online } = (await alice.next('userUpdated')) as SdkUser;
      if (online === true) changedUsers.add(identity);
    }
    expect(alice.unreadEvents).not.toContain('connectionError');
  });

  it('gets no changes of a User after it unsubscribed', async () => {
    for (const identity of ['bob', 'carol']) await service.createUser(identity);
    const alice = await service.client(sdk, 'alice');
    for (const identity of ['bob', 'carol']) await alice.getUser(identity);
    await alice.call('unsubscribe', 'bob');
    await alice.next('userUnsubscribed');
    await service.connect('bob');
    await service.connect('carol');
    await alice.updated('carol');
    expect(alice.unreadEvents).not.toContain('userUpdated');
    expect(await alice.getUser('bob')).toMatchObject({ online: true });
  });

  it('gets an error for a missing User', async () => {
    const alice = await service.client(sdk, 'alice');
    await expect(alice.getUser('nobody')).rejects.toThrow();
  });

  it('cannot find a User of another Service', async () => {
    const other = await ChatService.create(program);
    await other.createUser('bob');
    const { sid } = await program.get(other.pathOf('bob'));
    const alice = await service.client(sdk, 'alice');
    await expect(alice.getUser('bob')).rejects.toThrow();
    await expect(alice.getUser(sid)).rejects.toThrow();
  });

  it.each(['zoë 🦊', 'a/b', 'c+d@example.com', '100%', '..', 'x?y#z', 'US', "o'neil"])(
    'finds a User called %j and gets its changes',
    async (identity) => {
      await service.createUser(identity);
      const alice = await service.client(sdk, 'alice');
      expect(await alice.getUser(identity)).toMatchObject({ identity, ...NULL });
      await service.connect(identity);
      expect(await alice.updated(identity)).toMatchObject({ online: true });
    },
  );

  it('changes its own name and attributes, visible to the other SDK and REST', async () => {
    const alice = await service.client(sdk, 'alice');
    const bob = await service.client(OTHER[sdk], 'bob');
    await bob.getUser('alice');
    await alice.call('updateFriendlyName', 'Alice');
    expect(await bob.updated('alice', 'friendlyName')).toMatchObject({ friendlyName: 'Alice' });
    await alice.call('updateAttributes', { mood: 'fine', tags: ['é', 1, null] });
    expect(await bob.updated('alice', 'attributes')).toMatchObject({
      attributes: { mood: 'fine', tags: ['é', 1, null] },
    });
    const body = await until('reads to show the change', async () => {
      const answer = await program.get(service.pathOf('alice'));
      return answer.body['attributes'] === '{}' ? undefined : answer.body;
    });
    expect(body).toMatchObject({ friendly_name: 'Alice' });
    expect(body['attributes']).toBe(JSON.stringify({ mood: 'fine', tags: ['é', 1, null] }));
  });

  it('sets, changes and removes its push registrations', async () => {
    const alice = await service.client(sdk, 'alice');
    const bob = await service.client(OTHER[sdk], 'bob');
    expect(await bob.getUser('alice')).toMatchObject({ online: true, notifiable: false });
    const addresses = () => program.get(`${service.pathOf('alice')}/Bindings`);
    const count = async () => ((await addresses()).body['bindings'] as unknown[]).length;

    await alice.call('setPushRegistrationId', 'fcm', 'device-1');
    expect(await bob.updated('alice')).toMatchObject({ online: true, notifiable: true });
    expect((await addresses()).body['bindings']).toMatchObject([{ binding_type: 'fcm' }]);
    await alice.call('setPushRegistrationId', 'fcm', 'device-2');
    await alice.call('setPushRegistrationId', 'apn', 'device-3');
    expect(await count()).toBe(2);
    await alice.call('unsetPushRegistrationId', 'fcm');
    expect((await addresses()).body['bindings']).toMatchObject([{ binding_type: 'apn' }]);
    await alice.call('unsetPushRegistrationId', 'apn');
    expect(await count()).toBe(0);
    await service.untilRest('alice', { online: true, notifiable: false });
  });

  it('is offline at once when it shuts down, without a grace period', async () => {
    await service.setGrace(60);
    const bob = await service.client(OTHER[sdk], 'bob');
    const alice = await service.client(sdk, 'alice');
    expect(await bob.getUser('alice')).toMatchObject({ online: true });
    await alice.call('shutdown');
    expect(await bob.updated('alice')).toMatchObject({ online: false });
    await service.untilRest('alice', { online: false, notifiable: false });
  });

  it('has the same values and version in the other SDK, /stream and REST', async () => {
    const bob = await service.client(OTHER[sdk], 'bob');
    const carol = connect(program, service.token('carol'));
    await carol.next();
    await service.createUser('alice');
    await bob.getUser('alice');
    await carol.watch('alice');

    const alice = await service.client(sdk, 'alice');
    expect(await bob.updated('alice')).toMatchObject({ online: true, notifiable: false });
    const change = await carol.next();
    expect(change).toMatchObject({ type: 'change', is_online: true, is_notifiable: false });
    const rest = await service.reachability('alice');
    expect(rest).toMatchObject({ is_online: true, is_notifiable: false });
    expect(rest['version']).toBe(textOf(change, 'version'));

    await alice.call('shutdown');
    expect(await bob.updated('alice')).toMatchObject({ online: false, notifiable: false });
    const end = await carol.next();
    expect(end).toMatchObject({ type: 'change', is_online: false, is_notifiable: false });
    expect((await service.reachability('alice'))['version']).toBe(textOf(end, 'version'));
    carol.terminate();
  });

  it('sees null for a deleted User', async () => {
    await service.createUser('bob');
    await service.connect('bob');
    const alice = await service.client(sdk, 'alice');
    expect(await alice.getUser('bob')).toMatchObject({ online: true });
    await program.delete(service.pathOf('bob'));
    expect(await alice.updated('bob', 'notifiable')).toMatchObject(NULL);
  });

  it('does not reconnect when its User is deleted', async () => {
    const alice = await service.client(sdk, 'alice');
    await program.delete(service.pathOf('alice'));
    await alice.next('connectionStateChanged', (state) => state === 'disconnected');
    expect((await program.get(service.pathOf('alice'))).status).toBe(404);
  });
});

describeSdks('A descriptor of twilio-chat', () => {
  it('shows the current state of a User', async () => {
    await service.createUser('bob');
    const alice = await service.client('twilio-chat', 'alice');
    expect(await alice.call('getUserDescriptor', 'bob')).toMatchObject(NULL);
    await service.createUser('carol');
    await service.connect('carol');
    expect(await alice.call('getUserDescriptor', 'carol')).toEqual({
      identity: 'carol',
      online: true,
      notifiable: false,
      friendlyName: null,
    });
  });
});

describeSdks('Removing a push registration by its address', () => {
  it('removes the Binding', async () => {
    const alice = await service.client('@twilio/conversations', 'alice');
    await alice.call('setPushRegistrationId', 'fcm', 'device-1');
    await service.untilRest('alice', { online: true, notifiable: true });
    await alice.call('removePushRegistrations', 'fcm', 'device-1');
    await service.untilRest('alice', { online: true, notifiable: false });
  });
});
