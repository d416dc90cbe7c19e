import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StreamServer, type StreamPeer } from '../../../test/support/stream-server.ts';
import { ChatClient, type ChatClientOptions } from './index.ts';

const ALICE = `US${'a'.repeat(32)}`;
const BOB = `US${'b'.repeat(32)}`;

describe('ChatClient', () => {
  let server: StreamServer;
  const clients: ChatClient[] = [];

  beforeEach(async () => {
    server = await StreamServer.start();
  });
  afterEach(async () => {
    await server.stop();
    await Promise.all(clients.splice(0).map((client) => client.shutdown()));
  });

  const at = (position: number, epoch = 'e1'): string =>
    `${epoch}:${String(position).padStart(8, '0')}`;
  const user = (
    sid: string,
    identity: string,
    position: number,
    is_online: boolean | null = true,
  ) => ({
    sid,
    identity,
    is_online,
    is_notifiable: is_online === null ? null : false,
    version: at(position),
  });

  function ready(peer: StreamPeer, position: number, more: object = {}): void {
    peer.send({
      type: 'ready',
      connection_sid: `CN${position}`,
      service_sid: 'IS1',
      user_sid: ALICE,
      identity: 'alice',
      version: at(position),
      resumed: false,
      reachability_enabled: true,
      ping_ms: 10_000,
      pong_ms: 5_000,
      grace_ms: 5_000,
      ...more,
    });
  }

  async function create(
    options: Partial<ChatClientOptions> = {},
  ): Promise<{ client: ChatClient; peer: StreamPeer }> {
    const creating = ChatClient.create('token', { url: server.url, random: () => 0, ...options });
    const peer = await server.accept();
    ready(peer, 1);
    const { id, users } = await peer.expect('watch');
    expect(users).toEqual([ALICE]);
    peer.send({
      type: 'snapshot',
      id,
      users: [user(ALICE, 'alice', 1)],
      unknown: [],
      version: at(1),
      done: true,
    });
    const client = await creating;
    clients.push(client);
    return { client, peer };
  }

  it('is created with the own User as it stands', async () => {
    const { client } = await create();
    expect(client.connectionState).toBe('connected');
    expect(client.user).toMatchObject({
      identity: 'alice',
      sid: ALICE,
      isOnline: true,
      isNotifiable: false,
    });
    expect(client.getSubscribedUsers()).toEqual([client.user]);
  });

  it('gives a User that follows its changes', async () => {
    const { client, peer } = await create();
    const getting = client.getUser('bob');
    const { id, users } = await peer.expect('watch');
    expect(users).toEqual(['bob']);
    peer.send({
      type: 'snapshot',
      id,
      users: [user(BOB, 'bob', 2, false)],
      unknown: [],
      version: at(2),
      done: true,
    });
    const bob = await getting;
    const updated = new Promise((resolve) => bob.on('updated', resolve));
    peer.send({ type: 'change', sid: BOB, is_online: true, is_notifiable: false, version: at(3) });
    expect(await updated).toEqual({ user: bob, updateReasons: ['reachabilityOnline'] });
    expect(bob.isOnline).toBe(true);
  });

  it('says bye when it is shut down', async () => {
    const { client, peer } = await create();
    const shutting = client.shutdown();
    await peer.expect('bye');
    peer.close(1000);
    await shutting;
    expect(client.connectionState).toBe('closed');
  });
});
