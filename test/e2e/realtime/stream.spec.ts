import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { textOf } from '../../support/fields.ts';
import type { JsonObject } from '../../support/http-client.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken, connect, type StreamClient } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

describe('/stream', () => {
  let program: Program;
  let service: string;
  const clients: StreamClient[] = [];

  beforeAll(async () => {
    program = await startProgram();
  });
  afterAll(() => program.stop());

  beforeEach(async () => {
    service = await newService();
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.terminate();
  });

  async function newService(): Promise<string> {
    const { sid } = await program.post('/v2/Services', { FriendlyName: randomUUID() });
    await setReachability(true, sid);
    await setGrace(0, sid);
    return sid;
  }

  async function setReachability(enabled: boolean, sid = service): Promise<void> {
    await program.post(`/v2/Services/${sid}`, { ReachabilityEnabled: String(enabled) });
  }

  async function setGrace(seconds: number, sid = service): Promise<void> {
    await program.post(`/v2/Services/${sid}/Reachability`, { GraceSeconds: String(seconds) });
  }

  function begin(identity: string, options: Parameters<typeof connect>[2] = {}): StreamClient {
    const client = connect(program, accessToken(program, service, identity), options);
    clients.push(client);
    return client;
  }

  async function open(identity: string): Promise<{ client: StreamClient; ready: JsonObject }> {
    const client = begin(identity);
    const ready = await client.next();
    expect(ready).toMatchObject({ type: 'ready', identity });
    return { client, ready };
  }

  const usersUrl = (): string => `/v2/Services/${service}/Users`;

  async function user(identity: string): Promise<JsonObject> {
    return (await program.get(`${usersUrl()}/${identity}`)).body;
  }

  async function connectionsOf(identity: string): Promise<unknown> {
    return (await program.get(`${usersUrl()}/${identity}/Connections`)).body['connections'];
  }

  async function whenOffline(identity: string): Promise<void> {
    await until(`${identity} to be offline`, async () =>
      (await user(identity))['is_online'] === false ? true : undefined,
    );
  }

  /** Reads a User's version; the read waits until it shows what a client was told. */
  async function version(identity: string, told: JsonObject): Promise<unknown> {
    const headers = { 'X-Reachability-Version': textOf(told, 'version') };
    return (await program.get(`${usersUrl()}/${identity}/Reachability`, { headers })).body[
      'version'
    ];
  }

  describe('opening', () => {
    it('makes a User of an unknown identity, who is online once the client is told that it is ready', async () => {
      const { ready } = await open('zoë');
      const sid = textOf(ready, 'user_sid');
      const found = await until('the read model', async () => {
        const answer = await program.get(`${usersUrl()}/${sid}`);
        return answer.status === 200 ? answer.body : undefined;
      });
      expect(found).toMatchObject({ sid, identity: 'zoë', is_online: true, is_notifiable: false });
      expect(ready).toMatchObject({
        service_sid: service,
        connection_sid: expect.stringMatching(/^CN[0-9a-f]{32}$/),
        version: expect.stringMatching(/^[^:]+:\d+$/),
      });
    });

    it('takes the token from the Authorization header too', async () => {
      const token = accessToken(program, service, 'header');
      const client = begin('x', { path: '/stream', headers: { authorization: `Bearer ${token}` } });
      expect(await client.next()).toMatchObject({ type: 'ready', identity: 'header' });
    });

    it('is left by a client that goes at once, without a Connection that stays open', async () => {
      const hasty = Array.from({ length: 10 }, () => begin('hasty'));
      await Promise.all(hasty.map(({ socket }) => once(socket, 'open')));
      for (const client of hasty) client.terminate();
      const { client } = await open('hasty');
      client.send({ type: 'bye' });
      await client.closed;
      await whenOffline('hasty');
      expect(await connectionsOf('hasty')).toEqual([]);
    });

    it('keeps a frame that comes before the client is ready', async () => {
      const client = begin('early');
      await once(client.socket, 'open');
      client.send({ type: 'watch', users: ['early'] });
      expect(await client.next()).toMatchObject({ type: 'ready' });
      expect(await client.next()).toMatchObject({ type: 'snapshot', users: [{ is_online: true }] });
    });
  });

  describe('refuses', () => {
    async function refusal(token: string): Promise<unknown> {
      const client = connect(program, token);
      clients.push(client);
      const frame = await client.next();
      const { code } = await client.closed;
      return [frame['type'], frame['code'], code];
    }

    it('a bad token with a frame that gives Twilio’s code, and close code 4401', async () => {
      const good = accessToken(program, service, 'alice');
      expect(await refusal('')).toEqual(['error', 20101, 4401]);
      expect(await refusal(good.slice(0, -4))).toEqual(['error', 20107, 4401]);
      expect(await refusal(accessToken(program, service, 'alice', -1))).toEqual([
        'error',
        20104,
        4401,
      ]);
      expect(await refusal(accessToken(program, 'IS1', 'alice'))).toEqual(['error', 20106, 4401]);
    });

    it('a token for a Service that is not there, at once', async () => {
      const started = Date.now();
      const token = accessToken(program, `IS${'0'.repeat(32)}`, 'alice');
      expect(await refusal(token)).toEqual(['error', 'no_service', 4404]);
      expect(Date.now() - started).toBeLessThan(900);
    });

    it.each(['/', '/stream/', '/streams', '/v2/Services', '//', '//['])(
      'an upgrade of %s and goes on',
      async (path) => {
        const { hostname, port } = new URL(program.url);
        const socket = connectTcp(Number(port), hostname);
        socket.write(
          `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
            'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
        );
        expect(await text(socket)).toMatch(/^HTTP\/1\.1 404 /);
        expect((await program.get('/health/live')).status).toBe(200);
      },
    );

    it('no request that merely offers HTTP/2', async () => {
      const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c' };
      const answer = await program.get('/v2/Services', { headers });
      expect(answer.status).toBe(200);
    });

    it('plain HTTP', async () => {
      expect((await program.get('/stream')).status).toBe(404);
    });
  });

  describe('closing', () => {
    it.each<[string, (client: StreamClient) => void, number]>([
      ['a bye', (client) => client.send({ type: 'bye' }), 1000],
      ['close code 1000', (client) => client.socket.close(1000), 1000],
      ['close code 1001', (client) => client.socket.close(1001), 1001],
      ['no close at all', (client) => client.terminate(), 1006],
    ])('by %s takes the User offline at once', async (_, leave, code) => {
      const { client } = await open('leaver');
      leave(client);
      expect(await client.closed).toMatchObject({ code });
      await whenOffline('leaver');
    });

    it('leaves a User online who has another device', async () => {
      const [phone, laptop] = [await open('both'), await open('both')];
      phone.client.send({ type: 'bye' });
      await phone.client.closed;
      await until('one connection', async () =>
        ((await connectionsOf('both')) as unknown[]).length === 1 ? true : undefined,
      );
      expect(await user('both')).toMatchObject({ is_online: true });
      laptop.client.terminate();
      await whenOffline('both');
    });

    it('comes when the token ends, with 4401', async () => {
      const client = connect(program, accessToken(program, service, 'brief', 2));
      clients.push(client);
      expect(await client.next()).toMatchObject({ type: 'ready' });
      expect(await client.closed).toEqual({ code: 4401, reason: 'token expired' });
      await whenOffline('brief');
    });

    it('comes with 4410 when the User is deleted', async () => {
      const { client } = await open('deleted');
      const other = await open('bystander');
      await program.delete(`${usersUrl()}/deleted`);
      expect(await client.closed).toEqual({ code: 4410, reason: 'user deleted' });
      expect(await other.client.watch('bystander')).toMatchObject({ users: [{ is_online: true }] });
    });

    it('comes with 4411 when the Connection is closed over REST', async () => {
      const { client, ready } = await open('thrown out');
      const url = `${usersUrl()}/thrown%20out/Connections/${textOf(ready, 'connection_sid')}`;
      expect((await program.delete(url)).status).toBe(204);
      expect(await client.closed).toEqual({ code: 4411, reason: 'connection closed' });
      await whenOffline('thrown%20out');
    });

    it('comes when the Service is deleted, whose tokens are good for nothing then', async () => {
      const { client } = await open('tenant');
      await program.delete(`/v2/Services/${service}`);
      expect((await client.closed).code).toBe(4410);
      const late = begin('tenant');
      expect(await late.next()).toMatchObject({ type: 'error', code: 'no_service' });
    });

    it('does not wait for a client that keeps silent', async () => {
      const { client } = await open('silent');
      client.socket.pause();
      await program.delete(`${usersUrl()}/silent`);
      const watcher = await open('witness');
      await until('the User to be gone', async () =>
        (await program.get(`${usersUrl()}/silent`)).status === 404 ? true : undefined,
      );
      expect(await watcher.client.watch('silent')).toMatchObject({ unknown: ['silent'] });
    });
  });

  describe('watching', () => {
    it('gives how each User stands, then each change, nulls included', async () => {
      const { client } = await open('watcher');
      await program.post(usersUrl(), { Identity: 'bob' });
      const snapshot = await client.watch('bob', 'nobody', 'watcher');
      expect(snapshot).toMatchObject({
        users: [
          { identity: 'bob', is_online: null, is_notifiable: null },
          { identity: 'watcher', is_online: true, is_notifiable: false },
        ],
        unknown: ['nobody'],
      });

      const bob = await open('bob');
      const sid = bob.ready['user_sid'];
      const online = await client.next();
      expect(online).toMatchObject({ type: 'change', sid, is_online: true, is_notifiable: false });
      expect(online['version']).toBe(bob.ready['version']);
      expect(online['version']).toBe(await version('bob', online));

      bob.client.send({ type: 'bye' });
      const offline = await client.next();
      expect(offline).toMatchObject({ type: 'change', sid, is_online: false });
      expect(textOf(offline, 'version') > textOf(online, 'version')).toBe(true);
      await bob.client.closed;

      await setReachability(false);
      const disabled = await client.next();
      expect(disabled).toEqual({
        type: 'service',
        reachability_enabled: false,
        version: await version('bob', disabled),
      });
      expect(await client.watch('bob')).toMatchObject({ users: [{ is_online: null }] });
    });

    it('says once that the Service is switched, then nothing of a User until it connects', async () => {
      const { client } = await open('watcher');
      await open('bob');
      await client.watch('bob');
      await setReachability(false);
      expect(await client.next()).toMatchObject({ type: 'service', reachability_enabled: false });
      await open('bob');
      await setReachability(true);
      expect(await client.next()).toMatchObject({ type: 'service', reachability_enabled: true });
      const third = await open('bob');
      expect(await client.next()).toMatchObject({
        is_online: true,
        version: third.ready['version'],
      });
    });

    it('tells that a User has come into being, is gone, and is there again', async () => {
      const { client } = await open('watcher');
      expect(await client.watch('carol')).toMatchObject({ users: [], unknown: ['carol'] });
      const { sid } = await program.post(usersUrl(), { Identity: 'carol' });
      expect(await client.next()).toMatchObject({
        type: 'change',
        sid,
        identity: 'carol',
        is_online: null,
      });
      await program.delete(`${usersUrl()}/carol`);
      expect(await client.next()).toMatchObject({ type: 'gone', sid });
      await program.post(usersUrl(), { Identity: 'carol' });
      expect(await client.next()).toMatchObject({ type: 'change', sid, identity: 'carol' });
    });

    it('ends with unwatch', async () => {
      const { client } = await open('watcher');
      await program.post(usersUrl(), { Identity: 'bob' });
      await program.post(usersUrl(), { Identity: 'dave' });
      await client.watch('bob', 'dave');
      client.send({ type: 'unwatch', users: ['dave'] });
      client.send({ type: 'unwatch', id: 7, users: ['bob'] });
      expect(await client.next()).toEqual({ type: 'unwatched', id: 7 });
      await client.watch('dave');
      await open('bob');
      const dave = await open('dave');
      expect(await client.next()).toMatchObject({ type: 'change', sid: dave.ready['user_sid'] });
    });

    it('shows nothing of another Service', async () => {
      const stranger = await program.post(usersUrl(), { Identity: 'stranger' });
      service = await newService();
      const { client } = await open('watcher');
      expect(await client.watch(stranger.sid)).toMatchObject({
        users: [],
        unknown: [stranger.sid],
      });
    });
  });

  describe('a frame that is none of the protocol', () => {
    const monster = `{"type":"watch","users":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;

    it.each<[string, string | Buffer]>([
      ['binary', Buffer.from('{"type":"bye"}')],
      ['no JSON', 'hello'],
      ['empty', ''],
      ['null', 'null'],
      ['a list', '[]'],
      ['of an unknown type', '{"type":"shout"}'],
      ['without a type', '{"users":["bob"]}'],
      ['a watch without Users', '{"type":"watch"}'],
      ['a watch of nobody', '{"type":"watch","users":[]}'],
      ['a watch of a number', '{"type":"watch","users":[1]}'],
      ['a watch of one text', '{"type":"watch","users":"bob"}'],
      ['a watch of an empty identity', '{"type":"watch","users":[""]}'],
      ['a watch of too many', JSON.stringify({ type: 'watch', users: Array(1_001).fill('u') })],
      ['nested a thousandfold', monster],
    ])('(%s) ends its connection with 4400, and no other', async (_, frame) => {
      const [bad, good] = [await open('bad'), await open('good')];
      bad.client.socket.send(frame);
      expect(await bad.client.next()).toMatchObject({ type: 'error', code: 'bad_frame' });
      expect((await bad.client.closed).code).toBe(4400);
      await whenOffline('bad');
      expect(await good.client.watch('good')).toMatchObject({ users: [{ is_online: true }] });
    });

    it('(too long) ends its connection with 1009', async () => {
      const { client } = await open('long');
      client.socket.send('x'.repeat(1024 * 1024));
      expect((await client.closed).code).toBe(1009);
      await whenOffline('long');
    });
  });
});
