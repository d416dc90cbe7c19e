import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventIds } from '../../../apps/api/src/realtime/twilsock/subscriptions/event-ids.ts';
import { userMapSid } from '../../../apps/api/src/realtime/twilsock/map-sids.ts';
import { chromiumPath } from '../../support/chromium.ts';
import { textOf, type Fields } from '../../support/fields.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { until } from '../../support/until.ts';
import { isInstalled, type ClientTree } from '../../twilio-clients/trees.ts';
import { ChatService, type RestUser } from '../twilsock/chat-service.ts';
import { SdkClient } from '../twilsock/sdk-client.ts';
import { clientName, SDK_TREES } from './describe-client.ts';
import { SdkBrowser } from './sdk-browser.ts';
import { followsFlag } from './sdk.contract.ts';
import { TwilsockRelay } from './twilsock-relay.ts';

/** A client that watches bob. */
interface Watcher {
  readonly name: string;
  readonly client: SdkClient;
  /** Whether it shows changes of the Service's flag. */
  readonly followsFlag: boolean;
  /** What it was notified of. */
  readonly events: () => readonly Fields[];
}

/** Ids in a log that was never restored. */
const EVENT_IDS = new EventIds({ epochStart: null });
const describeAll = SDK_TREES.every(isInstalled) ? describe : describe.skip;

describeAll('All releases of the SDKs in Node.js and Chromium, connected to one server', () => {
  let program: Program;
  let service: ChatService;
  let relay: TwilsockRelay;
  let browser: SdkBrowser | undefined;
  const watchers: Watcher[] = [];

  beforeAll(async () => {
    program = await startProgram();
    service = await ChatService.create(program);
    await service.createUser('bob');
    relay = await TwilsockRelay.start(program);
    if (chromiumPath !== undefined) browser = await SdkBrowser.open();
    await Promise.all([watchInNode(), watchInChromium()]);
  }, 180_000);
  afterAll(async () => {
    SdkClient.killAll();
    await browser?.close();
    relay.stop();
    await program.stop();
  });

  async function watchInNode(): Promise<void> {
    for (const tree of SDK_TREES) {
      await watch(tree, 'node', (url, token) => SdkClient.ready({ url }, tree, token));
    }
  }

  async function watchInChromium(): Promise<void> {
    const frames = browser;
    if (frames === undefined) return;
    for (const tree of SDK_TREES.filter(({ sync }) => sync === null)) {
      await watch(tree, 'chromium', (url, token) => frames.start({ url }, tree, token));
    }
  }

  async function watch(
    tree: ClientTree,
    where: string,
    start: (url: string, token: string) => Promise<SdkClient>,
  ): Promise<void> {
    const identity = `${tree.name}-${where}`;
    const client = await start(relay.urlFor(identity), service.token(identity));
    await client.getUser('bob');
    watchers.push({
      name: `${clientName(tree)} in ${where}`,
      client,
      followsFlag: followsFlag(tree),
      events: () => relay.eventsOf(identity),
    });
  }

  /** Waits until everybody is told of bob's present state, and checks that it is the same with the same version. */
  async function expectEverywhere(state: RestUser): Promise<void> {
    await service.untilRest('bob', state);
    const { sid } = await program.get(service.pathOf('bob'));
    const id = EVENT_IDS.ofVersion(textOf(await service.reachability('bob'), 'version'));
    const seen = await Promise.all(
      watchers.map(async ({ name, client, events }) => {
        const { online, notifiable } = await client.updated('bob');
        const told = events().findLast(
          ({ map_sid: map, item_key: key }) => map === userMapSid(sid) && key === 'reachability',
        );
        return { name, online, notifiable, id: told?.['id'], data: told?.['item_data'] };
      }),
    );
    expect(seen).toEqual(watchers.map(({ name }) => ({ name, ...state, id, data: state })));
  }

  /** Waits until everybody whose SDK shows the flag shows this one, and checks that it has the same version. */
  async function expectFlagEverywhere(isEnabled: boolean): Promise<void> {
    const id = EVENT_IDS.ofVersion(textOf(await service.reachability('bob'), 'version'));
    const following = watchers.filter((watcher) => watcher.followsFlag);
    const seen = await Promise.all(
      following.map(async ({ name, client, events }) => {
        await until(`${name} to show the flag`, async () =>
          (await client.call('reachabilityEnabled')) === isEnabled ? true : undefined,
        );
        return { name, id: events().findLast((event) => 'context_data' in event)?.['id'] };
      }),
    );
    expect(seen).toEqual(following.map(({ name }) => ({ name, id })));
  }

  it('see every change of online, notifiable and the flag live, with the same values and versions', async () => {
    const disconnect = await service.connect('bob');
    await expectEverywhere({ online: true, notifiable: false });
    const binding = { BindingType: 'fcm', Address: 'device-of-bob' };
    await program.post(`${service.pathOf('bob')}/Bindings`, binding);
    await expectEverywhere({ online: true, notifiable: true });
    await disconnect();
    await expectEverywhere({ online: false, notifiable: true });

    await service.setEnabled(false);
    await expectEverywhere({ online: null, notifiable: null });
    await expectFlagEverywhere(false);
    await service.setEnabled(true);
    await expectFlagEverywhere(true);
    await service.connect('bob');
    await expectEverywhere({ online: true, notifiable: true });
    expect(watchers.flatMap(({ client }) => client.failures)).toEqual([]);
  }, 120_000);
});
