import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  ALICE,
  answerWatch,
  at,
  BOB,
  CAROL,
  changeFrame,
  ClientWorld,
  userSnapshot,
} from '../../../test/support/client-world.ts';
import { until } from '../../../test/support/until.ts';
import type { UserUpdate } from './index.ts';

const alice = (version: string, isOnline: boolean | null = true) =>
  userSnapshot(ALICE, 'alice', version, isOnline);
const bob = (version: string, isOnline: boolean | null = true) =>
  userSnapshot(BOB, 'bob', version, isOnline);
const carol = (version: string, isOnline: boolean | null = true) =>
  userSnapshot(CAROL, 'carol', version, isOnline);

describe('a ChatClient that reconnects', () => {
  let world: ClientWorld;
  beforeEach(async () => {
    world = await ClientWorld.start();
  });
  afterEach(() => world.stop());

  it('emits each state', async () => {
    const { client, peer } = await world.connect();
    const states: string[] = [];
    client.on('connectionStateChanged', (state) => states.push(state));
    peer.terminate();
    await world.acceptReconnect({ resumed: true });
    await until('the connection', () => client.connectionState === 'connected' || undefined);
    expect(states).toEqual(['disconnected', 'connecting', 'connected']);
  });

  describe('to the same Connection', () => {
    it('sends the version to resume from and nothing else', async () => {
      const { client, peer } = await world.follow([bob(at(2))]);
      const updated = new Promise((resolve) => client.once('userUpdated', resolve));
      peer.send(changeFrame(BOB, at(7), false));
      await updated;
      peer.terminate();
      const next = await world.acceptReconnect({ resumed: true });
      expect(next.query.get('resume')).toBe('CN1');
      expect(next.query.get('since')).toBe(at(7));
      const again = new Promise((resolve) => client.once('userUpdated', resolve));
      next.send(changeFrame(BOB, at(9), true));
      await again;
      expect(next.unread).toEqual([]);
    });

    it('sends an unanswered watch again', async () => {
      const { client, peer } = await world.connect();
      const getting = client.getUser('bob');
      await peer.expect('watch');
      peer.terminate();
      const next = await world.acceptReconnect({ resumed: true });
      expect((await answerWatch(next, [bob(at(3))]))['users']).toEqual(['bob']);
      expect((await getting).isOnline).toBe(true);
    });

    it('sends an unwatch made while disconnected', async () => {
      const { client, peer } = await world.follow([bob(at(2))]);
      const user = await client.getUser('bob');
      const lost = new Promise((resolve) => client.once('connectionStateChanged', resolve));
      peer.terminate();
      await lost;
      user.unsubscribe();
      const next = await world.acceptReconnect({ resumed: true });
      expect(await next.expect('unwatch')).toMatchObject({ users: [BOB] });
    });

    it('sends only an unanswered unwatch again', async () => {
      const { client, peer } = await world.follow([bob(at(2)), carol(at(2))]);
      const [user, other] = [await client.getUser('bob'), await client.getUser('carol')];
      user.unsubscribe();
      const { id } = await peer.expect('unwatch');
      peer.send({ type: 'unwatched', id });
      other.unsubscribe();
      await peer.expect('unwatch');
      peer.terminate();
      const next = await world.acceptReconnect({ resumed: true });
      expect(await next.expect('unwatch')).toMatchObject({ users: [CAROL] });
    });

    it('does not repeat an unwatch that preceded an answered watch', async () => {
      const { client, peer } = await world.follow([bob(at(2))]);
      (await client.getUser('bob')).unsubscribe();
      await peer.expect('unwatch');
      const getting = client.getUser('bob');
      await answerWatch(peer, [bob(at(3))]);
      await getting;
      peer.terminate();
      const next = await world.acceptReconnect({ resumed: true });
      void client.getUser('carol');
      expect(await next.expect('watch')).toMatchObject({ users: ['carol'] });
    });

    it('learns from one frame that the Service was disabled while disconnected', async () => {
      const { client, peer } = await world.connect();
      peer.terminate();
      const next = await world.acceptReconnect({ resumed: true, reachability_enabled: false });
      const updated = new Promise<UserUpdate>((resolve) => client.user.once('updated', resolve));
      next.send({ type: 'service', reachability_enabled: false, version: at(9) });
      await updated;
      expect(client.user.isOnline).toBeNull();
      expect(client.isReachabilityEnabled).toBe(false);
    });
  });

  describe('to a new Connection', () => {
    it('asks for changes of its watch-list since the last version', async () => {
      const { client, peer } = await world.follow([bob(at(2)), carol(at(2))]);
      peer.terminate();
      const next = await world.acceptReconnect({ connection_sid: 'CN2' });
      const updated = new Promise<UserUpdate>((resolve) => client.once('userUpdated', resolve));
      const asked = await answerWatch(next, [bob(at(6), false)], { version: at(8) });
      expect(asked).toMatchObject({ users: [ALICE, BOB, CAROL], since: at(2) });
      expect((await updated).user.identity).toBe('bob');
      next.terminate();
      const last = await world.acceptReconnect({ resumed: true });
      expect(last.query.get('resume')).toBe('CN2');
      expect(last.query.get('since')).toBe(at(8));
    });

    it('asks since the same version again if it is lost before the answer, whatever frames of other Users said', async () => {
      const { client, peer } = await world.follow([bob(at(2))]);
      peer.terminate();
      const next = await world.acceptReconnect();
      expect((await next.expect('watch'))['since']).toBe(at(2));
      const getting = client.getUser('carol');
      await answerWatch(next, [carol(at(50))], { version: at(50) });
      await getting;
      next.terminate();
      const resumed = await world.acceptReconnect({ resumed: true });
      expect(resumed.query.get('since')).toBe(at(50));
      expect(await resumed.expect('watch')).toMatchObject({ users: [ALICE, BOB], since: at(2) });
    });

    it('asks for the whole state if the store is another one', async () => {
      const { client, peer } = await world.follow([bob(at(9))]);
      peer.terminate();
      const next = await world.acceptReconnect({ version: at(1, 'e2') });
      const asked = await answerWatch(next, [alice(at(1, 'e2')), bob(at(1, 'e2'), false)], {
        version: at(1, 'e2'),
      });
      expect(asked).not.toHaveProperty('since');
      const user = await client.getUser('bob');
      await until('the other store', () => user.isOnline === false || undefined);
      expect(user.version).toBe(at(1, 'e2'));
    });

    it('asks again if the server is unavailable', async () => {
      const { peer } = await world.follow([bob(at(2))]);
      peer.terminate();
      const next = await world.acceptReconnect();
      const { id } = await next.expect('watch');
      next.send({ type: 'error', id, code: 'unavailable', message: 'Not now' });
      const last = await world.acceptReconnect({ resumed: true });
      expect(await last.expect('watch')).toMatchObject({ users: [ALICE, BOB], since: at(2) });
    });

    it('asks again after a while for Users that the server does not look up now', async () => {
      const { client, peer } = await world.follow([bob(at(2))]);
      peer.terminate();
      const next = await world.acceptReconnect();
      const { id } = await next.expect('watch');
      const refusal = { type: 'error', id, code: 'too_many_lookups', message: 'Too many' };
      next.send({ ...refusal, retry_after_ms: 1 });
      const again = await next.expect('watch');
      expect(again['users']).toEqual([ALICE, BOB]);
      expect(client.getSubscribedUsers().map(({ identity }) => identity)).toEqual(['alice', 'bob']);
    });

    it('unsubscribes Users that the server refuses to watch again', async () => {
      const { client, peer } = await world.follow([bob(at(2)), carol(at(2))]);
      const left = new Promise((resolve) => client.once('userUnsubscribed', resolve));
      peer.terminate();
      const next = await world.acceptReconnect();
      const { id } = await next.expect('watch');
      const refusal = { type: 'error', id, code: 'too_many_watched', message: 'Full' };
      next.send({ ...refusal, users: [BOB] });
      expect(await left).toMatchObject({ identity: 'bob', isSubscribed: false });
      expect(client.getSubscribedUsers().map(({ identity }) => identity)).toEqual([
        'alice',
        'carol',
      ]);
    });
  });

  describe('after a resync', () => {
    it('accepts states of lower versions', async () => {
      const { client, peer } = await world.follow([bob(at(9))]);
      const user = await client.getUser('bob');
      const listener = jest.fn();
      user.on('updated', listener);
      peer.send({ type: 'resync', reason: 'gap' });
      const users = [alice(at(3)), bob(at(4), false)];
      peer.send({ type: 'snapshot', users, unknown: [], version: at(4), done: true });
      await until('the snapshot', () => user.isOnline === false || undefined);
      expect(listener.mock.calls).toHaveLength(1);
    });

    it('treats a User that the new store does not know as deleted', async () => {
      const { client, peer } = await world.follow([bob(at(9))]);
      const user = await client.getUser('bob');
      peer.send({ type: 'resync', reason: 'epoch' });
      const snapshot = { users: [alice(at(1, 'e2'))], unknown: ['bob'], version: at(1, 'e2') };
      peer.send({ type: 'snapshot', ...snapshot, done: true });
      await until('the snapshot', () => user.isDeleted || undefined);
      expect(user.isOnline).toBeNull();
    });

    it('asks for the whole state of Users missing when the connection broke', async () => {
      const { client, peer } = await world.follow([bob(at(9)), carol(at(9))]);
      peer.send({ type: 'resync', reason: 'epoch' });
      const users = [alice(at(1, 'e2')), carol(at(1, 'e2'), false)];
      peer.send({ type: 'snapshot', users, unknown: [], version: at(2, 'e2'), done: false });
      const user = await client.getUser('carol');
      await until('the snapshot', () => user.isOnline === false || undefined);
      peer.terminate();
      const next = await world.acceptReconnect({ resumed: true, version: at(1, 'e2') });
      const asked = await next.expect('watch');
      expect(asked['users']).toEqual([BOB]);
      expect(asked).not.toHaveProperty('since');
    });
  });

  it('moves to another node without a gap', async () => {
    const { client, peer } = await world.connect();
    peer.send({ type: 'move', reconnect_in_ms: 1 });
    const next = await world.server.accept();
    let isClosed = false;
    const closing = peer.closed.then((code) => {
      isClosed = true;
      return code;
    });
    expect(next.query.get('resume')).toBe('CN1');
    expect(isClosed).toBe(false);
    next.send({
      type: 'ready',
      connection_sid: 'CN2',
      service_sid: 'IS1',
      user_sid: ALICE,
      identity: 'alice',
      version: at(3),
      resumed: false,
      reachability_enabled: true,
      pong_ms: 5_000,
    });
    expect(await closing).toBe(4000);
    expect(client.connectionState).toBe('connected');
  });
});
