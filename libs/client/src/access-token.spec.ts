import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  ALICE,
  answerWatch,
  at,
  ClientWorld,
  sendReady,
  userSnapshot,
} from '../../../test/support/client-world.ts';
import type { StreamPeer } from '../../../test/support/stream-server.ts';

const snapshot = (peer: StreamPeer) => answerWatch(peer, [userSnapshot(ALICE, 'alice', at(1))]);

describe('the access token', () => {
  let world: ClientWorld;
  beforeEach(async () => {
    world = await ClientWorld.start();
  });
  afterEach(() => world.stop());

  describe('passed to updateToken', () => {
    it('replaces the token while connected', async () => {
      const { client, peer } = await world.connect();
      const updating = client.updateToken('new');
      const { id, token } = await peer.expect('token');
      expect(token).toBe('new');
      peer.send({ type: 'token_accepted', id, expires_at: '2026-01-01T00:00:00Z' });
      await updating;
      peer.terminate();
      expect((await world.server.accept()).query.get('token')).toBe('new');
    });

    it('leaves the former token in use if it is refused', async () => {
      const { client, peer } = await world.connect();
      const updating = client.updateToken('bad');
      const { id } = await peer.expect('token');
      peer.send({ type: 'error', id, code: 20101, message: 'Invalid Access Token' });
      await expect(updating).rejects.toMatchObject({ code: 'token_refused', tokenError: 20101 });
      peer.terminate();
      expect((await world.server.accept()).query.get('token')).toBe('token');
    });

    it('is asked for by tokenAboutToExpire', async () => {
      const { client, peer } = await world.connect();
      const told = new Promise((resolve) => client.on('tokenAboutToExpire', resolve));
      peer.send({ type: 'token_expiring', expires_in_ms: 180_000 });
      expect(await told).toEqual({ expiresInMs: 180_000 });
    });

    it('reconnects a client whose token has expired', async () => {
      const { client, peer } = await world.connect();
      const expired = new Promise((resolve) => client.on('tokenExpired', () => resolve(true)));
      const denied = new Promise((resolve) => client.on('connectionStateChanged', resolve));
      peer.close(4401);
      expect(await expired).toBe(true);
      expect(await denied).toBe('denied');
      const updating = client.updateToken('new');
      const next = await world.acceptReconnect();
      expect(next.query.get('token')).toBe('new');
      await snapshot(next);
      const { id } = await next.expect('token');
      next.send({ type: 'token_accepted', id, expires_at: '2026-01-01T00:00:00Z' });
      await updating;
      expect(client.connectionState).toBe('connected');
    });

    it('rejects at once if the server refuses it as well', async () => {
      const { client, peer } = await world.connect();
      const denied = new Promise((resolve) => client.on('connectionStateChanged', resolve));
      peer.close(4401);
      await denied;
      const updating = client.updateToken('bad');
      const next = await world.server.accept();
      next.send({ type: 'error', code: 20107, message: 'Invalid signature' });
      next.close(4401);
      await expect(updating).rejects.toMatchObject({ code: 'token_refused', tokenError: 20107 });
    });
  });

  describe('from a tokenProvider', () => {
    it('replaces a token that is about to expire', async () => {
      const tokenProvider = jest.fn(async () => 'new');
      const creating = world.startConnecting({ tokenProvider }, tokenThatLasts());
      const peer = await world.acceptReconnect();
      await snapshot(peer);
      await creating;
      expect(tokenProvider).not.toHaveBeenCalled();
      peer.send({ type: 'token_expiring', expires_in_ms: 180_000 });
      expect((await peer.expect('token'))['token']).toBe('new');
    });

    it('is fetched again if the provider fails', async () => {
      const tokenProvider = jest.fn(async () => 'new');
      const creating = world.startConnecting({ tokenProvider }, tokenThatLasts());
      const peer = await world.acceptReconnect();
      await snapshot(peer);
      const client = await creating;
      const errors: unknown[] = [];
      client.on('connectionError', ({ code }) => errors.push(code));
      tokenProvider.mockRejectedValueOnce(new Error('down'));
      peer.send({ type: 'token_expiring', expires_in_ms: 180_000 });
      expect((await peer.expect('token'))['token']).toBe('new');
      expect(errors).toEqual(['token_provider_failed']);
    });

    it('replaces a token that is refused', async () => {
      const creating = world.startConnecting(
        { tokenProvider: async () => 'new' },
        tokenThatLasts(),
      );
      (await world.server.accept()).close(4401);
      const peer = await world.server.accept();
      expect(peer.query.get('token')).toBe('new');
      sendReady(peer);
      await snapshot(peer);
      await creating;
    });

    it('replaces a token without a known expiry before an attempt', async () => {
      const tokenProvider = jest.fn(async () => tokenThatLasts());
      void world.startConnecting({ tokenProvider }, 'not a JWT');
      const peer = await world.server.accept();
      peer.close(4404);
      expect(peer.query.get('token')).toBe(await tokenProvider.mock.results[0]?.value);
    });
  });
});

function tokenThatLasts(): string {
  const claims = { exp: Math.floor(Date.now() / 1_000) + 3_600 };
  return `header.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
}
