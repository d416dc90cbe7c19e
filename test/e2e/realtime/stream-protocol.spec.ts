import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { textOf } from '../../support/fields.ts';
import type { JsonObject } from '../../support/http-client.ts';
import type { Program } from '../../support/program.ts';
import { Programs } from '../../support/programs.ts';
import {
  accessToken,
  connect,
  type StreamClient,
  type StreamOptions,
} from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

const USER_SID = /^US[0-9a-f]{32}$/;
const VERSION = /^[^:]+:\d+$/;
const OTHER_EPOCH = 'another:00000000000000000001';

describe('The protocol of /stream', () => {
  let programs: Programs;
  let program: Program;
  let other: Program;
  let service: string;
  const clients: StreamClient[] = [];

  beforeAll(async () => {
    programs = new Programs();
    program = await programs.start();
    other = await programs.start({ env: { ROLE: 'api' } });
  });
  afterAll(() => programs.end());

  beforeEach(async () => {
    const { sid } = await program.post('/v2/Services', { FriendlyName: randomUUID() });
    service = sid;
    await setReachability(true);
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.terminate();
  });

  async function setReachability(enabled: boolean): Promise<void> {
    await program.post(`/v2/Services/${service}`, { ReachabilityEnabled: String(enabled) });
  }

  async function open(
    identity: string,
    query = '',
    node = program,
    options: StreamOptions = {},
  ): Promise<{ client: StreamClient; ready: JsonObject }> {
    const token = accessToken(node, service, identity);
    const client = connect(node, token, { path: `/stream?token=${token}${query}`, ...options });
    clients.push(client);
    const ready = await client.next();
    expect(ready).toMatchObject({ type: 'ready', identity });
    return { client, ready };
  }

  const usersUrl = (): string => `/v2/Services/${service}/Users`;

  async function connectionsOf(identity: string): Promise<JsonObject[]> {
    const { body } = await program.get(`${usersUrl()}/${identity}/Connections`);
    return body['connections'] as JsonObject[];
  }

  async function historyOf(identity: string): Promise<number> {
    const { body } = await program.get(`${usersUrl()}/${identity}/Reachability/History`);
    return (body['history'] as unknown[]).length;
  }

  const resuming = (ready: JsonObject, since: string): string =>
    `&resume=${textOf(ready, 'connection_sid')}&since=${since}`;

  it('says with ready what a client has to know', async () => {
    const { ready } = await open('alice');
    expect(ready).toMatchObject({
      user_sid: expect.stringMatching(USER_SID),
      version: expect.stringMatching(VERSION),
      resumed: false,
      reachability_enabled: true,
      ping_ms: 10_000,
      pong_ms: 5_000,
      grace_ms: 5_000,
      limits: { frame_bytes: 65_536, users_per_frame: 1_000, watched_users: 5_000 },
    });
    await setReachability(false);
    expect((await open('bob')).ready).toMatchObject({ reachability_enabled: false });
  });

  describe('watch', () => {
    it('is answered with its id and a version, in one frame where little is asked for', async () => {
      const { client, ready } = await open('alice');
      client.send({ type: 'watch', id: 7, users: ['alice', 'nobody'] });
      const snapshot = await client.next();
      expect(snapshot).toMatchObject({
        type: 'snapshot',
        id: 7,
        users: [{ sid: ready['user_sid'], identity: 'alice', is_online: true }],
        unknown: ['nobody'],
        version: expect.stringMatching(VERSION),
        done: true,
      });
      expect(textOf(snapshot, 'version') >= textOf(ready, 'version')).toBe(true);
    });

    it('of 1,000 Users is answered in several frames, the last of which says so', async () => {
      const { client } = await open('alice');
      const users = Array.from({ length: 1_000 }, (_, index) => `a user that is not: ${index}`);
      client.send({ type: 'watch', id: 1, users });
      const frames: JsonObject[] = [];
      do frames.push(await client.next());
      while (frames.at(-1)?.['done'] !== true);
      expect(frames.length).toBeGreaterThan(1);
      expect(frames.every(({ id }) => id === 1)).toBe(true);
      expect(frames.flatMap(({ unknown }) => unknown)).toEqual(users);
    });

    it('with since tells of those only of which something was told after that', async () => {
      const { client } = await open('alice');
      const before = await client.watch('alice', 'bob', 'carol');
      await program.post(usersUrl(), { Identity: 'bob' });
      await client.next();
      client.send({
        type: 'watch',
        users: ['alice', 'bob', 'carol'],
        since: textOf(before, 'version'),
      });
      expect(await client.next()).toMatchObject({
        users: [{ identity: 'bob' }],
        unknown: ['carol'],
        done: true,
      });
    });

    it('with since goes on at another node, which waits until it has seen as much', async () => {
      const { client } = await open('alice');
      const first = await client.watch('alice', 'bob');
      const bob = await open('bob');
      const since = textOf(await lastOf(client, 'change', 2), 'version');
      expect(since > textOf(first, 'version')).toBe(true);
      client.send({ type: 'bye' });
      await client.closed;
      const moved = await open('alice', '', other);
      moved.client.send({ type: 'watch', id: 2, users: ['bob'], since });
      expect(await moved.client.next()).toMatchObject({ id: 2, users: [], unknown: [] });
      bob.client.send({ type: 'bye' });
      expect(await moved.client.next()).toMatchObject({ type: 'change', is_online: false });
    });

    it('with since of another store is answered in full, after one resync', async () => {
      const { client } = await open('alice');
      await client.watch('alice');
      client.send({ type: 'watch', id: 1, users: ['bob'], since: OTHER_EPOCH });
      client.send({ type: 'watch', id: 2, users: ['alice'], since: OTHER_EPOCH });
      expect(await client.next()).toEqual({ type: 'resync', reason: 'epoch' });
      const all = await client.next();
      expect(all).toMatchObject({ type: 'snapshot', users: [{ identity: 'alice' }], done: true });
      expect(all).not.toHaveProperty('id');
      expect(await client.next()).toMatchObject({ id: 1, unknown: ['bob'] });
      expect(await client.next()).toMatchObject({ id: 2, users: [{ identity: 'alice' }] });
    });

    it('with since beyond the end of the log is answered in full, after a resync', async () => {
      const { client } = await open('alice');
      const since = textOf(await client.watch('alice'), 'version').replace(/:\d/, ':9');
      client.send({ type: 'watch', users: ['alice'], since });
      expect(await client.next()).toEqual({ type: 'resync', reason: 'gap' });
    });

    it('of more than may be watched takes those for whom there is room, and says who is left', async () => {
      const { client } = await open('alice');
      for (let part = 0; part < 5; part += 1) {
        const users = Array.from({ length: part < 4 ? 1_000 : 999 }, (_, n) => `${part}-${n}`);
        client.send({ type: 'watch', id: part, users });
      }
      await until('the last answer', () =>
        client.unreadFrames.some(({ id, done }) => id === 4 && done === true) ? true : undefined,
      );
      client.unreadFrames.splice(0);
      const users = ['4-0', 'the last', 'one too many', 'the last'];
      client.send({ type: 'watch', id: 5, users });
      client.send({ type: 'watch', id: 6, users: ['one too many'] });
      const refusal = { type: 'error', code: 'too_many_watched', users: ['one too many'] };
      expect(await client.next()).toMatchObject({ ...refusal, id: 5 });
      const taken = { type: 'snapshot', unknown: ['4-0', 'the last', 'the last'], done: true };
      expect(await client.next()).toMatchObject({ ...taken, id: 5 });
      expect(await client.next()).toMatchObject({ ...refusal, id: 6 });
      await program.post(usersUrl(), { Identity: 'one too many' });
      await program.post(usersUrl(), { Identity: 'the last' });
      expect(await client.next()).toMatchObject({ type: 'change', identity: 'the last' });
      client.send({ type: 'unwatch', users: ['4-0'] });
      expect(await client.watch('one too many')).toMatchObject({ users: [{}] });
      client.send({ type: 'ping' });
      expect(await client.next()).toEqual({ type: 'pong' });
    });
  });

  it('get answers how a User stands, once', async () => {
    const { client, ready } = await open('alice');
    client.send({ type: 'get', id: 1, user: 'alice' });
    const { body } = await program.get(`${usersUrl()}/alice/Reachability`);
    expect(await client.next()).toEqual({
      type: 'user',
      id: 1,
      sid: ready['user_sid'],
      identity: 'alice',
      is_online: true,
      is_notifiable: false,
      version: body['version'],
    });
    client.send({ type: 'get', id: 2, user: 'nobody' });
    expect(await client.next()).toMatchObject({ type: 'error', id: 2, code: 'not_found' });
  });

  it('says that it is behind a version that the log does not have', async () => {
    const { client, ready } = await open('behind');
    const beyond = textOf(ready, 'version').replace(/:\d/, ':9');
    client.send({ type: 'get', id: 1, user: 'behind', version: beyond });
    expect(await client.next()).toMatchObject({ type: 'user', id: 1, behind: true });
    client.send({ type: 'get', id: 2, user: 'nobody', version: beyond });
    expect(await client.next()).toMatchObject({ type: 'error', id: 2, code: 'unavailable' });
    client.send({ type: 'get', id: 3, user: 'behind', version: 'another:1' });
    const read = await client.next();
    expect(read).toMatchObject({ type: 'user', id: 3 });
    expect(read).not.toHaveProperty('behind');
  });

  it('bind and unbind make the own User notifiable, and no longer', async () => {
    const { client } = await open('alice');
    await client.watch('alice');
    client.send({ type: 'bind', id: 1, binding_type: 'fcm', address: 'token' });
    const frames = [await client.next(), await client.next()];
    expect(frames).toContainEqual(expect.objectContaining({ type: 'change', is_notifiable: true }));
    const bound = frames.find(({ type }) => type === 'bound');
    const version = expect.stringMatching(/^[^:]+:\d+$/);
    expect(bound).toEqual({ type: 'bound', id: 1, sid: expect.stringMatching(/^BS/), version });
    client.send({ type: 'unbind', id: 2, sid: bound?.['sid'] });
    const after = [await client.next(), await client.next()];
    expect(after).toContainEqual({ type: 'unbound', id: 2, version });
    expect(after).toContainEqual(expect.objectContaining({ type: 'change', is_notifiable: false }));
  });

  it('bind of what is no Binding, and unbind of another User’s, are refused', async () => {
    const [alice, bob] = [await open('alice'), await open('bob')];
    bob.client.send({ type: 'bind', id: 1, binding_type: 'apn', address: 'of bob' });
    const { sid } = await bob.client.next();
    alice.client.send({ type: 'unbind', id: 1, sid });
    alice.client.send({ type: 'bind', id: 2, binding_type: 'pigeon', address: 'x' });
    alice.client.send({ type: 'bind', id: 3, binding_type: 'fcm', address: '' });
    alice.client.send({
      type: 'bind',
      id: 4,
      binding_type: 'fcm',
      address: 'not storable: \u0000',
    });
    expect(await alice.client.next()).toMatchObject({ id: 1, code: 'not_found' });
    expect(await alice.client.next()).toMatchObject({ id: 2, code: 'invalid' });
    expect(await alice.client.next()).toMatchObject({ id: 3, code: 'invalid' });
    expect(await alice.client.next()).toMatchObject({ id: 4, code: 'invalid' });
  });

  it('token lets a connection outlast the token that it was opened with', async () => {
    const client = connect(program, accessToken(program, service, 'alice', 3));
    clients.push(client);
    await client.next();
    expect(await client.next()).toMatchObject({ type: 'token_expiring' });
    client.send({ type: 'token', id: 1, token: accessToken(program, service, 'bob') });
    client.send({ type: 'token', id: 2, token: 'nonsense' });
    client.send({ type: 'token', id: 3, token: accessToken(program, service, 'alice') });
    expect(await client.next()).toMatchObject({ id: 1, code: 'invalid' });
    expect(await client.next()).toMatchObject({ id: 2, code: 20101 });
    const accepted = await client.next();
    expect(accepted).toMatchObject({ type: 'token_accepted', id: 3 });
    expect(Date.parse(textOf(accepted, 'expires_at')) - Date.now()).toBeGreaterThan(3_000_000);
  });

  describe('resume', () => {
    it('goes on with the Connection and its watch-list, tells what was missed, and leaves no event', async () => {
      const { client, ready } = await open('alice');
      const version = textOf(await client.watch('bob', 'carol'), 'version');
      const events = await historyOf('alice');
      client.terminate();
      const bob = await open('bob');
      const back = await open('alice', resuming(ready, version));
      expect(back.ready).toMatchObject({ resumed: true, connection_sid: ready['connection_sid'] });
      expect(await back.client.next()).toMatchObject({
        type: 'change',
        sid: bob.ready['user_sid'],
        identity: 'bob',
        is_online: true,
      });
      bob.client.send({ type: 'bye' });
      expect(await back.client.next()).toMatchObject({ type: 'change', is_online: false });
      expect(await historyOf('alice')).toBe(events);
      expect(await connectionsOf('alice')).toHaveLength(1);
    });

    it('tells that the Service was switched meanwhile', async () => {
      const { client, ready } = await open('alice');
      const version = textOf(await client.watch('alice'), 'version');
      client.terminate();
      await setReachability(false);
      const back = await open('alice', resuming(ready, version));
      expect(back.ready).toMatchObject({ resumed: true, reachability_enabled: false });
      expect(await back.client.next()).toMatchObject({
        type: 'service',
        reachability_enabled: false,
      });
    });

    it('takes over from a socket that still seems open, which is closed with 4409', async () => {
      const { client, ready } = await open('alice');
      const version = textOf(await client.watch('alice'), 'version');
      const back = await open('alice', resuming(ready, version));
      expect(back.ready).toMatchObject({ resumed: true });
      expect((await client.closed).code).toBe(4409);
      back.client.send({ type: 'get', user: 'alice' });
      expect(await back.client.next()).toMatchObject({ type: 'user', is_online: true });
    });

    it('begins anew where the version is of another store, or missing', async () => {
      const { client, ready } = await open('alice');
      await client.watch('alice');
      const back = await open('alice', resuming(ready, OTHER_EPOCH));
      expect(await back.client.next()).toEqual({ type: 'resync', reason: 'epoch' });
      expect(await back.client.next()).toMatchObject({
        users: [{ identity: 'alice' }],
        done: true,
      });
      const again = await open('alice', `&resume=${textOf(ready, 'connection_sid')}`);
      expect(await again.client.next()).toEqual({ type: 'resync', reason: 'gap' });
    });

    it('by another User, at another node, or after the end opens another Connection', async () => {
      const { client, ready } = await open('alice');
      const version = textOf(await client.watch('alice'), 'version');
      const query = resuming(ready, version);
      expect((await open('bob', query)).ready).toMatchObject({ resumed: false });
      expect((await open('alice', query, other)).ready).toMatchObject({ resumed: false });
      client.send({ type: 'bye' });
      await client.closed;
      expect((await open('alice', query)).ready).toMatchObject({ resumed: false });
    });
  });
});

/** The last of so many frames of a type. */
async function lastOf(client: StreamClient, type: string, count: number): Promise<JsonObject> {
  const frames: JsonObject[] = [];
  while (frames.length < count) {
    const frame = await client.next();
    if (frame['type'] === type) frames.push(frame);
  }
  return frames[count - 1] ?? {};
}
