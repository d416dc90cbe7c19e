import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { ChatClient, type User } from '#client';
import { textOf } from '../support/fields.ts';
import { startProgram, type Program } from '../support/program.ts';
import { until } from '../support/until.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';
import { ChatService, type RestUser } from './twilsock/chat-service.ts';
import { describeSdks, SdkClient, SDKS } from './twilsock/sdk-client.ts';

/** All channels that report the state of a User: both SDKs, libs/client, REST and webhooks. */
let program: Program;
let receiver: WebhookReceiver;
let service: ChatService;
let watching: ChatClient;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  program = await startProgram({ env: { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' } });
});
afterAll(async () => {
  await program.stop();
  await receiver.stop();
});
beforeEach(async () => {
  receiver.received.length = 0;
  service = await ChatService.create(program);
  await service.createUser('alice');
  await program.post(service.path, {
    PostWebhookUrl: `${receiver.url}/hooks`,
    WebhookFilters: 'onUserUpdated',
  });
  watching = await ChatClient.create(service.token('dave'), { url: program.url });
});
afterEach(async () => {
  SdkClient.killAll();
  await watching.shutdown();
});

const hasValues = (user: User, { online, notifiable }: RestUser): true | undefined =>
  user.isOnline === online && user.isNotifiable === notifiable ? true : undefined;

/** Values of the last webhook about a User; undefined if there was none. */
function lastWebhook(identity: string): (RestUser & { readonly version: string }) | undefined {
  const parameters = receiver.received
    .map((request) => request.parameters)
    .filter((parameters) => parameters['Identity'] === identity)
    .at(-1);
  if (parameters === undefined) return undefined;
  const flag = (value: string | undefined): boolean | null =>
    value === undefined || value === '' ? null : value === 'true';
  return {
    online: flag(parameters['IsOnline']),
    notifiable: flag(parameters['IsNotifiable']),
    version: parameters['Version'] ?? '',
  };
}

describeSdks.each(SDKS)('A change by a client of %s', (sdk) => {
  it('has the same values in both SDKs, libs/client, REST and a webhook', async () => {
    const watchers = await Promise.all(SDKS.map((other, n) => service.client(other, `w${n}`)));
    for (const watcher of watchers) await watcher.getUser('alice');
    const libUser = await watching.getUser('alice');

    const expectEverywhere = async (expected: RestUser): Promise<void> => {
      for (const watcher of watchers)
        expect(await watcher.updated('alice')).toMatchObject(expected);
      await until('libs/client to have the change', () => hasValues(libUser, expected));
      await service.untilRest('alice', expected);
      const version = textOf(await service.reachability('alice'), 'version');
      expect(libUser.version).toBe(version);
      await until('the webhook', () =>
        lastWebhook('alice')?.version === version ? true : undefined,
      );
      expect(lastWebhook('alice')).toMatchObject(expected);
    };

    const alice = await service.client(sdk, 'alice');
    await expectEverywhere({ online: true, notifiable: false });
    await alice.call('setPushRegistrationId', 'fcm', 'device-of-alice');
    await expectEverywhere({ online: true, notifiable: true });
    await alice.call('shutdown');
    await expectEverywhere({ online: false, notifiable: true });
  });
});
