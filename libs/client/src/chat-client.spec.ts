import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  ALICE,
  answerWatch,
  at,
  BOB,
  CAROL,
  changeFrame,
  ClientWorld,
  sendReady,
  userSnapshot,
} from '../../../test/support/client-world.ts';
import { until } from '../../../test/support/until.ts';
import { ChatClient, type User, type UserUpdate } from './index.ts';

const bob = (version = at(2), isOnline: boolean | null = false) =>
  userSnapshot(BOB, 'bob', version, isOnline);
const carol = (version = at(2), isOnline: boolean | null = false) =>
  userSnapshot(CAROL, 'carol', version, isOnline);

/** The next update of a User. */
function update(user: User | undefined): Promise<UserUpdate> {
  return new Promise((resolve) => user?.once('updated', resolve));
}

describe('ChatClient', () => {
  let world: ClientWorld;
  beforeEach(async () => {
    world = await ClientWorld.start();
  });
  afterEach(() => world.stop());

  describe('when it is created', () => {
    it('shows the state of the own User', async () => {
      const { client } = await world.connect();
      expect(client.connectionState).toBe('connected');
      expect(client.isReachabilityEnabled).toBe(true);
      expect(client.user).toMatchObject({ identity: 'alice', sid: ALICE, isOnline: true });
      expect(client.getSubscribedUsers()).toEqual([client.user]);
    });

    it('sends its token and its device', async () => {
      void world.startConnecting({ deviceId: 'phone 1' }, 'a.b.c');
      const peer = await world.server.accept();
      expect(Object.fromEntries(peer.query)).toEqual({ token: 'a.b.c', device_id: 'phone 1' });
      peer.close(4404);
    });

    it('rejects with Twilio’s error number if the token is refused', async () => {
      const creating = world.startConnecting();
      const peer = await world.server.accept();
      peer.send({ type: 'error', code: 20101, message: 'Invalid Access Token' });
      peer.close(4401);
      await expect(creating).rejects.toMatchObject({
        code: 'token_refused',
        tokenError: 20101,
        message: 'Invalid Access Token',
      });
    });

    it('rejects if the Service does not exist', async () => {
      const creating = world.startConnecting();
      (await world.server.accept()).close(4404);
      await expect(creating).rejects.toMatchObject({ code: 'no_service', terminal: true });
    });

    it('retries if the server fails at first', async () => {
      const creating = world.startConnecting();
      (await world.server.accept()).terminate();
      const peer = await world.acceptReconnect();
      await answerWatch(peer, [userSnapshot(ALICE, 'alice', at(1))]);
      expect((await creating).user.isOnline).toBe(true);
    });

    it('times out with the last error as the cause if no server listens', async () => {
      const url = world.server.url;
      await world.server.stop();
      const creating = ChatClient.create('token', { url, createTimeoutMs: 50 });
      await expect(creating).rejects.toMatchObject({
        code: 'timeout',
        cause: expect.objectContaining({ code: 'connection_lost' }),
      });
    });

    it.each(['nowhere', 'ftp://example.com', ''])('rejects the URL %j', async (url) => {
      await expect(ChatClient.create('token', { url })).rejects.toMatchObject({ code: 'invalid' });
    });

    it('keeps the path of the URL', async () => {
      const seen: string[] = [];
      class Nowhere {
        onmessage = null;
        onopen = null;
        onclose = null;
        onerror = null;
        readyState = 0;
        constructor(url: string) {
          seen.push(url);
        }
        send(): void {
          throw new Error('Not open');
        }
        close(): void {
          this.readyState = 3;
        }
      }
      const options = { url: 'https://example.com/presence/', WebSocket: Nowhere };
      const creating = ChatClient.create('t', { ...options, createTimeoutMs: 1 });
      await expect(creating).rejects.toMatchObject({ code: 'timeout' });
      expect(seen).toEqual(['wss://example.com/presence/stream']);
    });
  });

  describe('getUser', () => {
    it('returns a User that follows the server', async () => {
      const { client, peer } = await world.follow([bob()]);
      const user = await client.getUser('bob');
      expect(user).toMatchObject({ sid: BOB, isOnline: false, isSubscribed: true, version: at(2) });
      const updated = update(user);
      peer.send(changeFrame(BOB, at(3), true));
      expect(await updated).toEqual({ user, updateReasons: ['reachabilityOnline'] });
      expect(user).toMatchObject({ isOnline: true, version: at(3) });
    });

    it('returns the same User by identity and by sid', async () => {
      const { client } = await world.follow([bob()]);
      expect(await client.getUser(BOB)).toBe(await client.getUser('bob'));
    });

    it('watches up to a thousand Users of one tick in one frame', async () => {
      const { client, peer } = await world.connect();
      for (let n = 0; n <= 1_000; n += 1) void client.getUser(`user-${n}`);
      expect((await peer.expect('watch'))['users']).toHaveLength(1_000);
      expect((await peer.expect('watch'))['users']).toEqual(['user-1000']);
    });

    it('keeps frames within the byte limit if identities are long', async () => {
      const { client, peer } = await world.connect();
      for (let n = 0; n < 100; n += 1) void client.getUser(`${'ö'.repeat(500)}${n}`);
      const sizes: number[] = [];
      for (let asked = 0; asked < 100;) {
        const frame = await peer.expect('watch');
        sizes.push(Buffer.byteLength(JSON.stringify(frame)));
        asked += (frame['users'] as string[]).length;
      }
      expect(Math.max(...sizes)).toBeLessThan(64 * 1024);
      expect(sizes).toHaveLength(2);
    });

    it('rejects if the User does not exist and unwatches the name', async () => {
      const { client, peer } = await world.connect();
      const getting = client.getUser('nobody');
      await answerWatch(peer, [], { unknown: ['nobody'] });
      await expect(getting).rejects.toMatchObject({ code: 'not_found' });
      expect(await peer.expect('unwatch')).toMatchObject({ users: ['nobody'] });
    });

    it('rejects if the watch-list is full', async () => {
      const { client, peer } = await world.connect();
      const getting = client.getUser('bob');
      const { id } = await peer.expect('watch');
      peer.send({ type: 'error', id, code: 'too_many_watched', message: 'Full' });
      await expect(getting).rejects.toMatchObject({ code: 'too_many_watched', message: 'Full' });
    });

    it('rejects only the Users that the watch-list has no room for', async () => {
      const { client, peer } = await world.connect();
      const [getting, refused] = [client.getUser('bob'), client.getUser('carol')];
      const { id } = await peer.expect('watch');
      const [code, message] = ['too_many_watched', 'Full'];
      peer.send({ type: 'error', id, code, message, users: ['carol'] });
      await expect(refused).rejects.toMatchObject({ code });
      peer.send({ type: 'snapshot', id, users: [bob()], unknown: [], version: at(3), done: true });
      expect(await getting).toMatchObject({ identity: 'bob', isSubscribed: true });
    });

    it('respects the frame limits of the server', async () => {
      const creating = world.startConnecting();
      const peer = await world.server.accept();
      sendReady(peer, {
        limits: { frame_bytes: 1_024, users_per_frame: 20, watched_users: 5_000 },
      });
      await answerWatch(peer, [userSnapshot(ALICE, 'alice', at(1))]);
      const client = await creating;
      for (let n = 0; n < 25; n += 1) void client.getUser(`user-${n}`);
      expect((await peer.expect('watch'))['users']).toHaveLength(20);
      expect((await peer.expect('watch'))['users']).toHaveLength(5);
      for (let n = 0; n < 4; n += 1) void client.getUser(`${'x'.repeat(300)}${n}`);
      expect((await peer.expect('watch'))['users']).toHaveLength(2);
      await expect(client.setPushRegistration('fcm', 'x'.repeat(1_024))).rejects.toMatchObject({
        code: 'invalid',
      });
    });

    it('rejects if no answer comes in time', async () => {
      const { client } = await world.connect({ requestTimeoutMs: 20 });
      await expect(client.getUser('bob')).rejects.toMatchObject({ code: 'timeout' });
    });

    it.each(['', 'a\0b', '\ud800', 'x'.repeat(513)])(
      'rejects the name %j, for which the server would close the connection',
      async (name) => {
        const { client, peer } = await world.connect();
        await expect(client.getUser(name)).rejects.toMatchObject({ code: 'invalid' });
        await expect(client.getUserDescriptor(name)).rejects.toMatchObject({ code: 'invalid' });
        expect(peer.unread).toEqual([]);
      },
    );
  });

  describe('waitForUser', () => {
    it('waits until the User is created', async () => {
      const { client, peer } = await world.connect();
      const waiting = client.waitForUser('bob');
      await answerWatch(peer, [], { unknown: ['bob'] });
      peer.send(changeFrame(BOB, at(3), true, { identity: 'bob' }));
      expect(await waiting).toMatchObject({ sid: BOB, identity: 'bob', isOnline: true });
    });

    it('waits across connections', async () => {
      const { client, peer } = await world.connect();
      const waiting = client.waitForUser('bob');
      await answerWatch(peer, [], { unknown: ['bob'] });
      peer.terminate();
      const next = await world.acceptReconnect();
      expect((await answerWatch(next, [bob(at(4))]))['users']).toEqual(['bob']);
      expect((await waiting).sid).toBe(BOB);
    });

    it('ends when its signal aborts and unwatches the name', async () => {
      const { client, peer } = await world.connect();
      const controller = new AbortController();
      const waiting = client.waitForUser('bob', { signal: controller.signal });
      await answerWatch(peer, [], { unknown: ['bob'] });
      const reason = new Error('enough');
      controller.abort(reason);
      await expect(waiting).rejects.toBe(reason);
      expect(await peer.expect('unwatch')).toMatchObject({ users: ['bob'] });
    });
  });

  describe('a User', () => {
    it('is read-only', async () => {
      const { client } = await world.follow([bob()]);
      for (const name of ['isOnline', 'isNotifiable', 'identity', 'version', 'isSubscribed']) {
        expect(() => Reflect.set(client.user, name, true, client.user)).not.toThrow();
        expect(Reflect.set(client.user, name, true, client.user)).toBe(false);
        expect(() => Object.assign(client.user, { [name]: true })).toThrow(TypeError);
      }
    });

    it('never goes back to an earlier version', async () => {
      const { client, peer } = await world.follow([bob(at(5), true)]);
      const user = await client.getUser('bob');
      const listener = jest.fn();
      user.on('updated', listener);
      peer.send(changeFrame(BOB, at(4), false));
      peer.send(changeFrame(BOB, at(5), false));
      const updated = update(client.user);
      peer.send(changeFrame(ALICE, at(6), false));
      await updated;
      expect(user.isOnline).toBe(true);
      expect(listener).not.toHaveBeenCalled();
    });

    it('is null, like all Users, before the first listener hears that the Service was disabled', async () => {
      const { client, peer } = await world.follow([bob(at(2), true), carol(at(2), true)]);
      const seen: unknown[] = [];
      client.on('userUpdated', ({ user, updateReasons }) => {
        seen.push([user.identity, updateReasons, client.isReachabilityEnabled]);
        expect(client.getSubscribedUsers().map(({ isOnline }) => isOnline)).toEqual([
          null,
          null,
          null,
        ]);
      });
      const switched = new Promise((resolve) => client.on('reachabilityChanged', resolve));
      peer.send({ type: 'service', reachability_enabled: false, version: at(7) });
      expect(await switched).toBe(false);
      const reasons = ['reachabilityOnline', 'reachabilityNotifiable'];
      expect(seen).toEqual([
        ['alice', reasons, false],
        ['bob', reasons, false],
        ['carol', reasons, false],
      ]);
    });

    it('is restored in the same object after a deletion', async () => {
      const { client, peer } = await world.follow([bob(at(2), true)]);
      const user = await client.getUser('bob');
      const deleted = update(user);
      peer.send({ type: 'gone', sid: BOB, version: at(3) });
      expect((await deleted).updateReasons).toContain('deleted');
      expect(user).toMatchObject({ isDeleted: true, isOnline: null });
      await expect(client.getUser('bob')).rejects.toMatchObject({ code: 'not_found' });
      const waiting = client.waitForUser('bob');
      peer.send(changeFrame(BOB, at(4), true, { identity: 'bob' }));
      expect(await waiting).toBe(user);
      expect(user).toMatchObject({ isDeleted: false, isOnline: true });
    });

    it('no longer changes once unsubscribed; getUser returns a new one', async () => {
      const { client, peer } = await world.follow([bob()]);
      const user = await client.getUser('bob');
      const events: string[] = [];
      user.on('userUnsubscribed', () => events.push('user'));
      client.on('userUnsubscribed', () => events.push('client'));
      user.unsubscribe();
      user.unsubscribe();
      expect(user.isSubscribed).toBe(false);
      expect(events).toEqual(['user', 'client']);
      expect(await peer.expect('unwatch')).toMatchObject({ users: [BOB] });
      const getting = client.getUser('bob');
      await answerWatch(peer, [bob(at(4), true)]);
      expect(await getting).not.toBe(user);
      expect(user.isOnline).toBe(false);
    });

    it('cannot be unsubscribed if it is the own User', async () => {
      const { client } = await world.connect();
      expect(() => client.user.unsubscribe()).toThrow(expect.objectContaining({ code: 'invalid' }));
    });
  });

  describe('getUserDescriptor', () => {
    it('returns a snapshot that can be subscribed to', async () => {
      const { client, peer } = await world.connect();
      const getting = client.getUserDescriptor('bob');
      const asked = await peer.expect('get');
      peer.send({ type: 'user', id: asked['id'], ...bob(at(3), true) });
      const descriptor = await getting;
      expect(descriptor).toMatchObject({ sid: BOB, identity: 'bob', isOnline: true });
      expect(client.getSubscribedUsers()).toEqual([client.user]);
      const subscribing = descriptor.subscribe();
      expect((await answerWatch(peer, [bob(at(4), false)]))['users']).toEqual([BOB]);
      expect((await subscribing).isOnline).toBe(false);
      expect(descriptor.isOnline).toBe(true);
    });

    it('rejects if the User does not exist', async () => {
      const { client, peer } = await world.connect();
      const getting = client.getUserDescriptor('nobody');
      const { id } = await peer.expect('get');
      peer.send({ type: 'error', id, code: 'not_found', message: 'No such User' });
      await expect(getting).rejects.toMatchObject({ code: 'not_found' });
    });

    it('sends the request again if the connection is lost before the answer', async () => {
      const { client, peer } = await world.connect();
      const getting = client.getUserDescriptor('bob');
      const { id } = await peer.expect('get');
      peer.terminate();
      const next = await world.acceptReconnect({ resumed: true });
      expect(await next.expect('get')).toMatchObject({ id, user: 'bob' });
      next.send({ type: 'user', id, ...bob() });
      expect((await getting).sid).toBe(BOB);
    });
  });

  it('stays below the server’s rate limit with any number of requests', async () => {
    const { client, peer } = await world.connect();
    for (let n = 0; n < 300; n += 1) void client.getUserDescriptor(`user-${n}`);
    for (let n = 0; n < 30; n += 1) {
      void client.getUser(`user-${n}`);
      await Promise.resolve();
    }
    for (let n = 0; n < 110; n += 1) await peer.expect('get');
    expect(peer.unread.length).toBeLessThan(20);
  });

  describe('shutdown', () => {
    it('sends bye, rejects pending promises and ignores later frames', async () => {
      const { client, peer } = await world.connect();
      const getting = client.getUser('bob');
      const getDescriptor = client.getUserDescriptor('bob');
      const shutting = client.shutdown();
      await until('bye', () => peer.unread.find(({ type }) => type === 'bye'));
      peer.send(changeFrame(ALICE, at(9), false));
      peer.close(1000);
      await shutting;
      await expect(getting).rejects.toMatchObject({ code: 'shut_down' });
      await expect(getDescriptor).rejects.toMatchObject({ code: 'shut_down' });
      await expect(client.getUser('carol')).rejects.toMatchObject({ code: 'shut_down' });
      await expect(client.updateToken('new')).rejects.toMatchObject({ code: 'shut_down' });
      expect(client.connectionState).toBe('closed');
      expect(client.user.isOnline).toBe(true);
      await client.shutdown();
    });
  });

  it('ignores unknown frames and fields, and reports malformed frames', async () => {
    const { client, peer } = await world.connect();
    const failed = new Promise((resolve) => client.on('connectionError', resolve));
    peer.send({ type: 'novelty', of: 'a later version' });
    peer.sendText('{"type":"change"}');
    expect(await failed).toMatchObject({ code: 'protocol_error', terminal: false });
    const updated = update(client.user);
    peer.send({ ...changeFrame(ALICE, at(9), false), novelty: true });
    await updated;
    expect(client.connectionState).toBe('connected');
  });

  it('reports a listener that throws and continues', async () => {
    const onListenerError = jest.fn();
    const { client, peer } = await world.connect({ onListenerError });
    const failure = new Error('mine');
    client.user.on('updated', () => {
      throw failure;
    });
    const updated = new Promise((resolve) => client.on('userUpdated', resolve));
    peer.send(changeFrame(ALICE, at(9), false));
    await updated;
    expect(onListenerError).toHaveBeenCalledWith(failure);
  });

  it('is created with null values if reachability is disabled', async () => {
    const creating = world.startConnecting();
    const peer = await world.server.accept();
    sendReady(peer, { reachability_enabled: false });
    await answerWatch(peer, [userSnapshot(ALICE, 'alice', at(1), null)]);
    const client = await creating;
    expect(client.isReachabilityEnabled).toBe(false);
    expect(client.user.isOnline).toBeNull();
  });
});
