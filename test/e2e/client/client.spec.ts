import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { ChatClient, type ChatClientOptions, type User, type UserUpdate } from '#client';
import { mintToken } from '../../support/mint-token.ts';
import { startProgram, type Program } from '../../support/program.ts';
import { accessToken } from '../../support/stream-client.ts';
import { until } from '../../support/until.ts';

/** Sockets of clients, for tests to break. */
const sockets: WebSocket[] = [];

class BreakableWebSocket extends WebSocket {
  constructor(url: string) {
    super(url);
    sockets.push(this);
  }
}

/** Comes back within 100 ms. */
const breakable = { WebSocket: BreakableWebSocket, random: () => 0.2 };

describe('the client SDK', () => {
  let program: Program;
  let service: string;
  const clients: ChatClient[] = [];

  beforeAll(async () => {
    program = await startProgram();
  });
  afterAll(() => program.stop());
  beforeEach(async () => {
    service = (await program.post('/v2/Services', { FriendlyName: randomUUID() })).sid;
    await setReachability(true);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.shutdown()));
    sockets.length = 0;
  });

  const path = (rest: string) => `/v2/Services/${service}${rest}`;

  async function setReachability(enabled: boolean): Promise<void> {
    await program.post(path(''), { ReachabilityEnabled: String(enabled) });
  }

  async function connect(
    identity: string,
    options: Partial<ChatClientOptions> = {},
    token = accessToken(program, service, identity),
  ): Promise<ChatClient> {
    const client = await ChatClient.create(token, { url: program.url, ...options });
    clients.push(client);
    return client;
  }

  function shown(user: User, state: Partial<User>): Promise<unknown> {
    return until(`${user.identity} to be ${JSON.stringify(state)}`, () =>
      Object.entries(state).every(([name, value]) => Reflect.get(user, name) === value)
        ? true
        : undefined,
    );
  }

  async function history(identity: string): Promise<unknown[]> {
    const { body } = await program.get(path(`/Users/${identity}/Reachability/History`));
    const [list] = Object.values(body).filter((value) => Array.isArray(value));
    return list ?? [];
  }

  it('shows who comes and goes', async () => {
    const alice = await connect('alice');
    const bob = await connect('bob');
    const user = await alice.getUser('bob');
    expect(user).toMatchObject({ isOnline: true, isNotifiable: false });
    const updates: UserUpdate[] = [];
    user.on('updated', (update) => updates.push(update));
    await bob.shutdown();
    await shown(user, { isOnline: false });
    await connect('bob');
    await shown(user, { isOnline: true });
    expect(updates).toEqual([
      { user, updateReasons: ['reachabilityOnline'] },
      { user, updateReasons: ['reachabilityOnline'] },
    ]);
  });

  it('agrees with REST, version and all', async () => {
    const alice = await connect('alice');
    const answer = await until('REST', async () => {
      const { body } = await program.get(path('/Users/alice/Reachability'));
      return body['is_online'] === true ? body : undefined;
    });
    expect(alice.user.version).toBe(answer['version']);
    expect((await alice.getUserDescriptor('alice')).version).toBe(answer['version']);
  });

  it('makes the User notifiable for as long as a device is registered for pushes', async () => {
    const alice = await connect('alice');
    const bob = await connect('bob');
    const user = await alice.getUser('bob');
    const { sid } = await bob.setPushRegistration('fcm', 'registration-1', 'phone');
    await shown(user, { isNotifiable: true });
    expect(sid).toMatch(/^BS[0-9a-f]{32}$/);
    await bob.shutdown();
    await shown(user, { isOnline: false, isNotifiable: true });
    const again = await connect('bob');
    await again.unsetPushRegistration(sid);
    await shown(user, { isOnline: true, isNotifiable: false });
    await expect(again.setPushRegistration('fcm', '')).rejects.toMatchObject({ code: 'invalid' });
  });

  it('is null for everybody while reachability is disabled, and until they connect again', async () => {
    const alice = await connect('alice');
    await connect('bob');
    const user = await alice.getUser('bob');
    await setReachability(false);
    await shown(user, { isOnline: null, isNotifiable: null });
    expect(alice.isReachabilityEnabled).toBe(false);
    expect(alice.user.isOnline).toBeNull();
    await setReachability(true);
    await until('the switch', () => alice.isReachabilityEnabled || undefined);
    expect(user.isOnline).toBeNull();
    await connect('bob');
    await shown(user, { isOnline: true });
  });

  it('waits for a User that is yet to be made, and follows it through its deletion', async () => {
    const alice = await connect('alice');
    await expect(alice.getUser('bob')).rejects.toMatchObject({ code: 'not_found' });
    await expect(alice.getUserDescriptor('bob')).rejects.toMatchObject({ code: 'not_found' });
    const waiting = alice.waitForUser('bob');
    const bob = await connect('bob');
    const user = await waiting;
    await shown(user, { isOnline: true });
    await program.delete(path('/Users/bob'));
    await shown(user, { isDeleted: true, isOnline: null });
    await until('bob to be told', () => bob.connectionState === 'failed' || undefined);
    // The deletion refuses the tokens of its second and earlier ones.
    const iat = Math.floor(Date.now() / 1_000) + 60;
    const newer = mintToken(program.credentials, service, 'bob', 3_600, { iat });
    await connect('bob', {}, newer);
    await shown(user, { isDeleted: false, isOnline: true });
  });

  it('follows a thousand Users and more', async () => {
    const alice = await connect('alice');
    const identities = Array.from({ length: 1_200 }, (_, n) => `user-${n}`);
    const waiting = identities.map((identity) => alice.waitForUser(identity));
    await program.post(path('/Users'), { Identity: 'user-1199' });
    expect(await waiting.at(-1)).toMatchObject({ identity: 'user-1199', isOnline: null });
    expect(alice.connectionState).toBe('connected');
  });

  describe('whose socket breaks', () => {
    it('goes on with the same Connection, and nobody sees it go', async () => {
      const alice = await connect('alice');
      const user = await alice.getUser((await connect('bob', breakable)).user.identity);
      const seen: unknown[] = [];
      user.on('updated', ({ updateReasons }) => seen.push(updateReasons));
      const before = await history('bob');
      const bob = clients.at(-1);
      for (let n = 0; n < 3; n += 1) {
        sockets.at(-1)?.terminate();
        await until('the loss', () => bob?.connectionState !== 'connected' || undefined);
        await until('the return', () => bob?.connectionState === 'connected' || undefined);
      }
      expect(seen).toEqual([]);
      expect(await history('bob')).toEqual(before);
    });

    it('is told what changed meanwhile', async () => {
      const alice = await connect('alice', breakable);
      const user = await alice.getUser((await connect('bob')).user.identity);
      const bob = clients.at(-1);
      sockets.at(-1)?.terminate();
      await until('the loss', () => alice.connectionState !== 'connected' || undefined);
      await bob?.shutdown();
      await shown(user, { isOnline: false });
      expect(alice.connectionState).toBe('connected');
    });
  });

  it('survives a server that is killed and starts again, and sees who did not come back', async () => {
    const port = new URL(program.url).port;
    await connect('bob', breakable);
    const alice = await connect('alice', { random: () => 0.2 });
    const bob = await alice.getUser('bob');
    await program.kill();
    program = await program.restart({ env: { PORT: port } });
    await until('alice', () => alice.connectionState === 'connected' || undefined, 20_000);
    await until('bob', () => clients[0]?.connectionState === 'connected' || undefined, 20_000);
    await clients[0]?.shutdown();
    await shown(bob, { isOnline: false });
    expect(alice.user.isOnline).toBe(true);
  }, 60_000);

  describe('whose token', () => {
    it('is refused learns why', async () => {
      await expect(connect('alice', {}, 'no token')).rejects.toMatchObject({
        code: 'token_refused',
        tokenError: 20101,
      });
    });

    it('is about to expire hears of it in time to bring another, and stays', async () => {
      const endsAt = Date.now() + 4_000;
      const alice = await connect('alice', {}, accessToken(program, service, 'alice', 4));
      const states: string[] = [];
      alice.on('connectionStateChanged', (state) => states.push(state));
      const { expiresInMs } = await new Promise<{ expiresInMs: number }>((resolve) =>
        alice.once('tokenAboutToExpire', resolve),
      );
      expect(expiresInMs).toBeLessThan(4_000);
      await alice.updateToken(accessToken(program, service, 'alice'));
      await until('the end of the first token', () => Date.now() > endsAt + 500 || undefined);
      expect(states).toEqual([]);
    });

    it('has expired is offline, until it brings another', async () => {
      const bob = await connect('bob');
      const alice = await connect('alice', {}, accessToken(program, service, 'alice', 2));
      const user = await bob.getUser('alice');
      const expired = new Promise((resolve) => alice.once('tokenExpired', resolve));
      await shown(user, { isOnline: false });
      await expired;
      expect(alice.connectionState).toBe('denied');
      await alice.updateToken(accessToken(program, service, 'alice'));
      await shown(user, { isOnline: true });
    });

    it('is of somebody else is refused, and the one before goes on counting', async () => {
      const alice = await connect('alice');
      const other = accessToken(program, service, 'bob');
      await expect(alice.updateToken(other)).rejects.toMatchObject({ code: expect.any(String) });
      expect((await alice.getUserDescriptor('alice')).isOnline).toBe(true);
    });

    it('is replaced by its tokenProvider where it has expired before the first attempt', async () => {
      const tokenProvider = async () => accessToken(program, service, 'alice');
      const spent = accessToken(program, service, 'alice', -10);
      expect((await connect('alice', { tokenProvider }, spent)).user.isOnline).toBe(true);
    });
  });

  it('gives up where its Connection is closed over REST', async () => {
    const alice = await connect('alice');
    const { body } = await program.get(path('/Users/alice/Connections'));
    const [connection] = body['connections'] as { sid: string }[];
    await program.delete(path(`/Users/alice/Connections/${connection?.sid ?? ''}`));
    await until('the end', () => alice.connectionState === 'failed' || undefined);
    await expect(alice.getUser('bob')).rejects.toMatchObject({ code: 'closed_by_service' });
  });
});
