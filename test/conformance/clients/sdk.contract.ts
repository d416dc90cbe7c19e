import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';
import type { ClientTree } from '../../twilio-clients/trees.ts';
import { ChatService } from '../twilsock/chat-service.ts';
import { SdkClient, type SdkUser } from '../twilsock/sdk-client.ts';

const UNKNOWN = { online: null, notifiable: null };

/**
 * What every supported release of Twilio's client SDKs does, wherever it runs.
 *
 * @param tree the release
 * @param runningProgram returns the program once `beforeAll` runs
 * @param start starts an initialized client
 */
export function sdkContract(
  tree: ClientTree,
  runningProgram: () => Program,
  start: (token: string) => Promise<SdkClient>,
): void {
  let program: Program;
  let service: ChatService;
  let alice: SdkClient;

  beforeAll(async () => {
    program = runningProgram();
    service = await ChatService.create(program);
    await service.setGrace(60);
    alice = await start(service.token('alice'));
  }, 60_000);
  afterAll(() => SdkClient.killAll());

  it('initializes, with reachability enabled and its own User online', async () => {
    expect(await alice.call('reachabilityEnabled')).toBe(true);
    const [self] = (await alice.call('getSubscribedUsers')) as SdkUser[];
    expect(self?.identity).toBe('alice');
    expect(await alice.getUser('alice')).toMatchObject({ online: true, notifiable: false });
  });

  it('sees a User go from null to true and false, reachable by push and not', async () => {
    await service.createUser('bob');
    expect(await alice.getUser('bob')).toMatchObject(UNKNOWN);
    const disconnect = await service.connect('bob');
    expect(await alice.updated('bob')).toMatchObject({
      online: true,
      notifiable: false,
      reasons: ['online', 'notifiable'],
    });
    const binding = { BindingType: 'fcm', Address: 'b' };
    await program.post(`${service.pathOf('bob')}/Bindings`, binding);
    expect(await alice.updated('bob')).toMatchObject({ notifiable: true, reasons: ['notifiable'] });
    await disconnect();
    expect(await alice.updated('bob')).toMatchObject({
      online: false,
      notifiable: true,
      reasons: ['online'],
    });
  });

  it('changes its own name and attributes', async () => {
    await alice.call('updateFriendlyName', 'Alice');
    await alice.call('updateAttributes', { mood: 'fine', tags: ['é', 1, null] });
    const body = await until('REST to show the changes', async () => {
      const answer = await program.get(service.pathOf('alice'));
      return answer.body['attributes'] === '{}' ? undefined : answer.body;
    });
    expect(body).toMatchObject({
      friendly_name: 'Alice',
      attributes: JSON.stringify({ mood: 'fine', tags: ['é', 1, null] }),
    });
  });

  it('is reachable by push while it is registered', async () => {
    await alice.call('setPushRegistrationId', 'fcm', 'device-of-alice');
    await service.untilRest('alice', { online: true, notifiable: true });
    await alice.call('unsetPushRegistrationId', 'fcm');
    await service.untilRest('alice', { online: true, notifiable: false });
  });

  it('takes a new token and stays connected', async () => {
    await alice.call('updateToken', service.token('alice', 7_200));
    expect(await alice.call('connectionState')).toBe('connected');
  });

  it('gets an error for a missing User', async () => {
    await expect(alice.getUser('nobody')).rejects.toThrow();
  });

  it('sees null when reachability is disabled, and values again after the next connect', async () => {
    await service.createUser('carol');
    const disconnect = await service.connect('carol');
    await service.untilRest('carol', { online: true, notifiable: false });
    expect(await alice.getUser('carol')).toMatchObject({ online: true });
    await service.setEnabled(false);
    expect(await alice.updated('carol')).toMatchObject(UNKNOWN);
    await disconnect();
    await service.setEnabled(true);
    await service.connect('carol');
    expect(await alice.updated('carol')).toMatchObject({ online: true, notifiable: false });
  });

  const shown = followsFlag(tree)
    ? 'shows the new value of the flag'
    : 'keeps the flag that it read';
  it(`${shown} while it is connected`, async () => {
    await service.setEnabled(false);
    if (followsFlag(tree)) {
      await until('the flag to be false', async () =>
        (await alice.call('reachabilityEnabled')) === false ? true : undefined,
      );
    } else {
      await service.createUser('dave');
      await alice.getUser('dave');
      await program.post(service.pathOf('dave'), { FriendlyName: 'Dave' });
      await alice.updated('dave', 'friendlyName');
      expect(await alice.call('reachabilityEnabled')).toBe(true);
    }
    await service.setEnabled(true);
  });

  it('is offline at once when it shuts down', async () => {
    const again = await start(service.token('erin'));
    await service.untilRest('erin', { online: true, notifiable: false });
    expect([...alice.failures, ...again.failures]).toEqual([]);
    await again.call('shutdown');
    await service.untilRest('erin', { online: false, notifiable: false });
  });
}

/**
 * Whether `reachabilityEnabled` follows the Service while the client is connected: the session of older releases has the
 * flag, the configuration of later ones is read once.
 */
export function followsFlag({ package: name, version }: ClientTree): boolean {
  return Number.parseInt(version) < (name === 'twilio-chat' ? 5 : 2);
}
