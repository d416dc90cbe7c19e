import { ChatClient, type ChatClientOptions } from '#client';
import type { JsonObject } from './http-client.ts';
import { StreamServer, type StreamPeer } from './stream-server.ts';

/** Sids of Users that tests talk about. */
export const ALICE = `US${'a'.repeat(32)}`;
export const BOB = `US${'b'.repeat(32)}`;
export const CAROL = `US${'c'.repeat(32)}`;

/** A version. */
export function at(position: number, epoch = 'e1'): string {
  return `${epoch}:${String(position).padStart(8, '0')}`;
}

export interface UserState {
  readonly sid: string;
  readonly identity: string;
  readonly is_online: boolean | null;
  readonly is_notifiable: boolean | null;
  readonly version: string;
}

/** How a User stands, as snapshots say it. */
export function userState(
  sid: string,
  identity: string,
  version: string,
  isOnline: boolean | null = true,
): UserState {
  const isNotifiable = isOnline === null ? null : false;
  return { sid, identity, is_online: isOnline, is_notifiable: isNotifiable, version };
}

/** A `change` frame. */
export function change(sid: string, version: string, isOnline: boolean, more: object = {}): object {
  return { type: 'change', sid, is_online: isOnline, is_notifiable: false, version, ...more };
}

export interface Connected {
  readonly client: ChatClient;
  readonly peer: StreamPeer;
}

/** A client that belongs to alice, and the server that it talks to, in the hands of a test. */
export class ClientWorld {
  readonly server: StreamServer;
  readonly #clients: Promise<ChatClient>[] = [];

  private constructor(server: StreamServer) {
    this.server = server;
  }

  static async start(): Promise<ClientWorld> {
    return new ClientWorld(await StreamServer.start());
  }

  async stop(): Promise<void> {
    await this.server.stop();
    for (const creating of await Promise.allSettled(this.#clients)) {
      if (creating.status === 'fulfilled') await creating.value.shutdown();
    }
  }

  /** Begins to make a client, which comes back without waiting unless the options say otherwise. */
  begin(options: Partial<ChatClientOptions> = {}, token = 'token'): Promise<ChatClient> {
    const creating = ChatClient.create(token, {
      url: this.server.url,
      random: () => 0,
      ...options,
    });
    this.#clients.push(creating);
    return creating;
  }

  /** A client that is ready. */
  async connect(options: Partial<ChatClientOptions> = {}): Promise<Connected> {
    const creating = this.begin(options);
    const peer = await this.server.accept();
    ready(peer);
    await answer(peer, [userState(ALICE, 'alice', at(1))], { version: at(1) });
    return { client: await creating, peer };
  }

  /** A client that is ready and follows these Users as well. */
  async follow(
    users: readonly UserState[],
    options: Partial<ChatClientOptions> = {},
  ): Promise<Connected> {
    const connected = await this.connect(options);
    const getting = users.map(({ identity }) => connected.client.getUser(identity));
    await answer(connected.peer, users, { version: at(2) });
    await Promise.all(getting);
    return connected;
  }

  /** Takes the client that comes back. */
  async takeBack(more: object = {}): Promise<StreamPeer> {
    const peer = await this.server.accept();
    ready(peer, more);
    return peer;
  }
}

/** Says that the client is ready. */
export function ready(peer: StreamPeer, more: object = {}): void {
  peer.send({
    type: 'ready',
    connection_sid: 'CN1',
    service_sid: 'IS1',
    user_sid: ALICE,
    identity: 'alice',
    version: at(1),
    resumed: false,
    reachability_enabled: true,
    ping_ms: 10_000,
    pong_ms: 5_000,
    grace_ms: 5_000,
    ...more,
  });
}

/** Answers the next `watch` in one frame, and gives what was asked. */
export async function answer(
  peer: StreamPeer,
  users: readonly UserState[],
  { version = at(2), unknown = [] }: { version?: string; unknown?: readonly string[] } = {},
): Promise<JsonObject> {
  const asked = await peer.expect('watch');
  peer.send({ type: 'snapshot', id: asked['id'], users, unknown, version, done: true });
  return asked;
}
