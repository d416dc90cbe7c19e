import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { userSid } from '#domain';
import { userMapSid } from '../../../apps/api/src/realtime/twilsock/map-sids.ts';
import {
  eventsOf,
  RawClient,
  type TunnelledRequest,
} from '../../conformance/twilsock/raw-client.ts';
import { fieldsOf, textOf } from '../../support/fields.ts';
import type { JsonObject } from '../../support/http-client.ts';
import { mintToken } from '../../support/mint-token.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { connect, type StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

/** Grants bob, and everybody of team 7. */
const GRANT = { watch_identities: ['bob'], watch_prefix: 'team-7/' };

describe('Under the watch policy "granted"', () => {
  let program: Program;
  let service: string;
  const clients: (StreamClient | RawClient)[] = [];

  beforeAll(async () => {
    program = await startProgram();
  });
  afterAll(async () => {
    expect(await program.stop()).toBe(0);
  });
  beforeEach(async () => {
    service = (await program.post('/v2/Services', { FriendlyName: 'Hospital' })).sid;
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: 'true' });
    await setPolicy('granted', { GraceSeconds: '60' });
    for (const identity of ['bob', 'eve', 'team-7/carol', 'team-70/dave']) await goOnline(identity);
  });
  afterEach(() => {
    for (const { socket } of clients.splice(0)) socket.terminate();
  });

  const setPolicy = (policy: 'all' | 'granted', others = {}) =>
    program.post(`/v2/Services/${service}/Reachability`, { WatchPolicy: policy, ...others });
  const pathOf = (identity: string) =>
    `/v2/Services/${service}/Users/${encodeURIComponent(identity)}`;

  /** Opens a Connection over HTTP, which makes the User known and online. Returns how to end it. */
  async function goOnline(identity: string): Promise<() => Promise<unknown>> {
    await program.post(`/v2/Services/${service}/Users`, { Identity: identity });
    const path = `${pathOf(identity)}/Connections`;
    const { sid } = await program.post(path, {});
    return () => program.delete(`${path}/${sid}`);
  }

  function token(reachability: unknown = GRANT, identity = 'alice'): string {
    const grants = { identity, chat: { service_sid: service }, reachability };
    return mintToken(program.credentials, service, identity, 3_600, { grants });
  }

  function begin(withToken: string, query = ''): StreamClient {
    const client = connect(program, withToken, { path: `/stream?token=${withToken}${query}` });
    clients.push(client);
    return client;
  }

  async function open(withToken = token()) {
    const client = begin(withToken);
    const ready = await client.next();
    expect(ready['type']).toBe('ready');
    return { client, connection: textOf(ready, 'connection_sid') };
  }

  async function openSdk(withToken = token()): Promise<RawClient> {
    const { client, reply } = await RawClient.init(program, withToken);
    clients.push(client);
    expect(fieldsOf(reply.header['status'])).toMatchObject({ code: 200 });
    return client;
  }

  const sidOf = (identity: string) => userSid(service, identity);
  const mapOf = (identity: string) => userMapSid(sidOf(identity));

  /** An answer without what names its User or its time. */
  function anonymous(answer: unknown, identity: string): unknown {
    const text = JSON.stringify(answer)
      .replaceAll(sidOf(identity), '<sid>')
      .replaceAll(mapOf(identity), '<map>')
      .replaceAll(`"${identity}"`, '"<identity>"')
      .replaceAll(`/${identity}`, '/<identity>')
      .replaceAll(/"[\w-]+:\d{20,}"/g, '"<version>"')
      .replaceAll(/"TM[0-9a-f-]+"/g, '"<message>"')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>');
    return JSON.parse(text);
  }

  const known = (frame: JsonObject): readonly unknown[] =>
    Array.isArray(frame['users']) ? frame['users'].map((user) => fieldsOf(user)['identity']) : [];

  /** Waits for a snapshot with these Users: an earlier one may be of before a change of the policy was followed. */
  async function snapshotOf(
    client: StreamClient,
    ...users: readonly string[]
  ): Promise<JsonObject> {
    for (;;) {
      const frame = await client.next();
      if (frame['type'] !== 'snapshot') continue;
      if (known(frame).join() === users.join()) return frame;
    }
  }

  async function ask(client: StreamClient, frame: object): Promise<JsonObject> {
    client.send({ id: 7, ...frame });
    return client.next();
  }

  /** Subscribes to the map of a User. Returns all notifications, in order. */
  async function subscribe(client: RawClient, identity: string, lastEventId: number) {
    const map = { object_sid: mapOf(identity), object_type: 'map', last_event_id: lastEventId };
    const body = { action: 'establish', correlation_id: 1, requests: [map] };
    const { status } = await client.request({ method: 'POST', path: '/v4/Subscriptions', body });
    const notifications: unknown[] = [status];
    for (;;) {
      const { payload } = await client.next();
      notifications.push(payload);
      if (String(payload['event_type']).startsWith('subscription_')) return notifications;
    }
  }

  describe('a client of /stream', () => {
    it('watches itself, those in the list and those with the prefix', async () => {
      const { client } = await open();
      const users = ['alice', 'bob', 'team-7/carol'];
      expect(known(await client.watch(...users))).toEqual(users);
      for (const user of users) {
        expect(await ask(client, { type: 'get', user })).toMatchObject({ is_online: true });
        expect(known(await client.watch(sidOf(user)))).toEqual([user]);
      }
    });

    it('without a grant watches only itself', async () => {
      const { client } = await open(mintToken(program.credentials, service, 'alice'));
      const snapshot = await client.watch('alice', 'bob', sidOf('team-7/carol'));
      expect(known(snapshot)).toEqual(['alice']);
      expect(snapshot['unknown']).toEqual(['bob', sidOf('team-7/carol')]);
    });

    it.each<readonly [string, (name: string, since: string) => object]>([
      ['watch', (user) => ({ type: 'watch', users: [user] })],
      ['watch among others', (user) => ({ type: 'watch', users: ['bob', user, 'alice'] })],
      ['watch since', (user, since) => ({ type: 'watch', users: [user], since })],
      ['get', (user) => ({ type: 'get', user })],
      ['unwatch', (user) => ({ type: 'unwatch', users: [user] })],
    ])(
      'gets the same answer to %s for a hidden User as for one that does not exist',
      async (_, frame) => {
        const { client } = await open();
        const since = textOf(await client.watch('alice'), 'version');
        for (const name of [(identity: string) => identity, sidOf]) {
          const answerFor = async (identity: string) =>
            ask((await open()).client, frame(name(identity), since));
          const ofEve = await answerFor('eve');
          expect(anonymous(ofEve, 'eve')).toEqual(anonymous(await answerFor('nobody'), 'nobody'));
        }
      },
    );

    it('is told of no change of a hidden User, neither live nor after it resumed', async () => {
      const { client, connection } = await open();
      const since = textOf(await client.watch('bob', 'eve', sidOf('team-70/dave')), 'version');
      const leave = await goOnline('eve');
      await program.delete(pathOf('team-70/dave'));
      await program.delete(pathOf('eve'));
      await goOnline('eve');
      await leave();
      await program.delete(pathOf('bob'));
      expect(await client.next()).toMatchObject({ type: 'change', sid: sidOf('bob') });
      expect(await client.next()).toMatchObject({ type: 'gone', sid: sidOf('bob') });
      client.terminate();
      await program.delete(pathOf('eve'));
      await goOnline('bob');
      const resumed = begin(token(), `&resume=${connection}&since=${since}`);
      expect(await resumed.next()).toMatchObject({ type: 'ready', resumed: true });
      for (let isOnline: unknown = false; isOnline !== true;) {
        const frame = await resumed.next();
        expect(frame).toMatchObject({
          type: expect.stringMatching(/change|gone/),
          sid: sidOf('bob'),
        });
        isOnline = frame['is_online'];
      }
      resumed.send({ type: 'ping' });
      expect(await resumed.next()).toEqual({ type: 'pong' });
    });

    it('is told to resync when the policy changes, and loses or gets what that hides or shows', async () => {
      const { client } = await open();
      await client.watch('bob', 'eve');
      await setPolicy('all');
      expect(await client.next()).toEqual({ type: 'resync', reason: 'access' });
      const shown = await client.next();
      expect([known(shown), shown['unknown']]).toEqual([['bob', 'eve'], []]);
      await setPolicy('granted');
      expect(await client.next()).toEqual({ type: 'resync', reason: 'access' });
      const hidden = await client.next();
      expect([known(hidden), hidden['unknown']]).toEqual([['bob'], [sidOf('eve')]]);
    });

    it('is told to resync when its new token grants others, and not when it grants the same', async () => {
      const { client } = await open();
      await client.watch('bob', 'eve');
      expect(await ask(client, { type: 'token', token: token() })).toMatchObject({
        type: 'token_accepted',
      });
      client.send({ type: 'token', token: token({ watch_identities: ['eve'] }) });
      const frames = [await client.next(), await client.next(), await client.next()];
      expect(frames.map(({ type }) => type).sort()).toEqual([
        'resync',
        'snapshot',
        'token_accepted',
      ]);
      const snapshot = frames.find(({ type }) => type === 'snapshot') ?? {};
      expect([known(snapshot), snapshot['unknown']]).toEqual([['eve'], [sidOf('bob')]]);
    });

    it.each<readonly [string, () => Promise<unknown>, () => string]>([
      [
        'with a token that grants others',
        () => Promise.resolve(),
        () => token({ watch_prefix: 'e' }),
      ],
      [
        'after the policy has changed twice',
        async () => {
          await setPolicy('all');
          await setPolicy('granted');
        },
        () => token({ watch_prefix: 'e' }),
      ],
    ])('that resumes %s is told to resync', async (_, meanwhile, nextToken) => {
      const { client, connection } = await open();
      const since = textOf(await client.watch('bob', 'eve'), 'version');
      client.terminate();
      await meanwhile();
      const resumed = begin(nextToken(), `&resume=${connection}&since=${since}`);
      expect(await resumed.next()).toMatchObject({ type: 'ready', resumed: true });
      expect(await resumed.next()).toEqual({ type: 'resync', reason: 'access' });
      const snapshot = await snapshotOf(resumed, 'eve');
      expect(snapshot['unknown']).toEqual([sidOf('bob')]);
    });

    it('that comes back with another Connection gets Users that were hidden before, also unchanged', async () => {
      const since = textOf(await (await open()).client.watch('eve', 'bob'), 'version');
      await setPolicy('all');
      const { client } = await open();
      client.send({ type: 'watch', users: ['eve'], since });
      await snapshotOf(client, 'eve');
    });
  });

  describe('a client of Twilio’s SDKs', () => {
    it('reads and subscribes to itself and those that are granted', async () => {
      const client = await openSdk();
      for (const identity of ['alice', 'bob', 'team-7/carol']) {
        const path = `/v1/Services/${service}/Users/${encodeURIComponent(identity)}`;
        expect((await client.request({ method: 'GET', path })).body).toMatchObject({ identity });
        const map = await client.request({ method: 'GET', path: `/v3/Maps/${mapOf(identity)}` });
        expect(map.status).toBe(200);
        expect((await client.subscribe(mapOf(identity))).payload).toMatchObject({
          event_type: 'subscription_established',
        });
      }
    });

    it.each<readonly [string, (identity: string) => TunnelledRequest]>([
      ['GET a User', (user) => ({ method: 'GET', path: `/v1/Services/${service}/Users/${user}` })],
      [
        'GET a User by sid',
        (user) => ({ method: 'GET', path: `/v1/Services/${service}/Users/${sidOf(user)}` }),
      ],
      [
        'POST a User',
        (user) => ({
          method: 'POST',
          path: `/v1/Services/${service}/Users/${user}`,
          body: { friendly_name: 'x' },
        }),
      ],
      ['list Users', () => ({ method: 'GET', path: `/v1/Services/${service}/Users` })],
      ['GET a map', (user) => ({ method: 'GET', path: `/v3/Maps/${mapOf(user)}` })],
      [
        'GET a map with its items',
        (user) => ({
          method: 'GET',
          path: `/v3/Maps/${mapOf(user)}`,
          params: { Include: 'items' },
        }),
      ],
      [
        'GET the items of a map',
        (user) => ({ method: 'GET', path: `/v3/Maps/${mapOf(user)}/Items` }),
      ],
      [
        'GET one item',
        (user) => ({
          method: 'GET',
          path: `/v3/Maps/${mapOf(user)}/Items`,
          params: { Key: 'reachability' },
        }),
      ],
      ['DELETE a map', (user) => ({ method: 'DELETE', path: `/v3/Maps/${mapOf(user)}` })],
    ])(
      'gets the same answer to %s for a hidden User as for one that does not exist',
      async (_, request) => {
        const client = await openSdk();
        const [hidden, missing] = [
          await client.request(request('eve')),
          await client.request(request('nobody')),
        ];
        expect(anonymous(hidden, 'eve')).toEqual(anonymous(missing, 'nobody'));
      },
    );

    it.each([0, 5, 9_999])(
      'gets the same notifications when it subscribes from event %d',
      async (id) => {
        const client = await openSdk();
        const [hidden, missing] = [
          await subscribe(client, 'eve', id),
          await subscribe(client, 'nobody', id),
        ];
        expect(anonymous(hidden, 'eve')).toEqual(anonymous(missing, 'nobody'));
        await goOnline('eve');
        await program.delete(pathOf('bob'));
        await subscribe(client, 'team-7/carol', 0);
        const ping = await client.request({ method: 'GET', path: `/v3/Maps/${mapOf('alice')}` });
        expect(ping.status).toBe(200);
      },
    );

    it.each<
      readonly [
        string,
        (client: RawClient) => Promise<unknown>,
        (client: RawClient) => Promise<unknown>,
      ]
    >([
      ['the policy', () => setPolicy('granted'), () => setPolicy('all')],
      [
        'the token',
        (client) => client.ask({ method: 'update', token: token() }),
        (client) => client.ask({ method: 'update', token: token({ watch_prefix: 'e' }) }),
      ],
    ])(
      'loses a User that it watches when %s changes, and gets it back',
      async (what, hide, show) => {
        const client = await openSdk(token(what === 'the token' ? { watch_prefix: 'e' } : GRANT));
        if (what === 'the policy') await setPolicy('all');
        await until('the User to be shown', async () => {
          const { payload } = await client.subscribe(mapOf('eve'));
          return payload['event_type'] === 'subscription_established' ? true : undefined;
        });
        /** Waits for this state of the hidden User. Returns the id of its event. */
        const reachabilityOf = async (expected: boolean | null) => {
          for (;;) {
            const [event = {}] = eventsOf(await client.notification('map_item_updated'));
            if (event['map_sid'] !== mapOf('eve') || event['item_key'] !== 'reachability') continue;
            if (fieldsOf(event['item_data'])['online'] === expected) return Number(event['id']);
          }
        };
        await hide(client);
        const hiddenAt = await reachabilityOf(null);
        await program.post(pathOf('eve'), { FriendlyName: 'Eve' });
        const leave = await goOnline('eve');
        await show(client);
        const shownAt = await reachabilityOf(true);
        expect(shownAt).toBeGreaterThan(hiddenAt);
        await leave();
        await program.delete(pathOf('eve'));
        expect(await reachabilityOf(null)).toBeGreaterThan(shownAt);
      },
    );
  });

  it('a back end with an API key sees every User', async () => {
    expect((await program.get(`${pathOf('eve')}/Reachability`)).body).toMatchObject({
      is_online: true,
    });
  });
});
