import { ChatClient, type ChatClientOptions } from '#client';
import type { JsonObject } from './http-client.ts';
import { StreamServer, type StreamPeer } from './stream-server.ts';

/** Sids of Users in client tests. */
export const ALICE = `US${'a'.repeat(32)}`;
export const BOB = `US${'b'.repeat(32)}`;
export const CAROL = `US${'c'.repeat(32)}`;

/** A version string. */
export function at(position: number, epoch = 'e1'): string {
  return `${epoch}:${String(position).padStart(8, '0')}`;
}

export interface UserSnapshot {
  readonly sid: string;
  readonly identity: string;
  readonly is_online: boolean | null;
  readonly is_notifiable: boolean | null;
  readonly version: string;
}

/** A User in a `snapshot` frame. */
export function userSnapshot(
  sid: string,
  identity: string,
  version: string,
  isOnline: boolean | null = true,
): UserSnapshot {
  const isNotifiable = isOnline === null ? null : false;
  return { sid, identity, is_online: isOnline, is_notifiable: isNotifiable, version };
}

/** A `change` frame. */
export function changeFrame(
  sid: string,
  version: string,
  isOnline: boolean,
  more: object = {},
): object {
  return { type: 'change', sid, is_online: isOnline, is_notifiable: false, version, ...more };
}

export interface ConnectedClient {
  readonly client: ChatClient;
  readonly peer: StreamPeer;
}

/** A client of alice and a server that the test controls. */
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

  /** Starts to create a client. It reconnects without a wait unless the options say otherwise. */
  startConnecting(options: Partial<ChatClientOptions> = {}, token = 'token'): Promise<ChatClient> {
    const creating = ChatClient.create(token, {
      url: this.server.url,
      random: () => 0,
      ...options,
    });
    this.#clients.push(creating);
    return creating;
  }

  /** Creates a client that is ready. */
  async connect(options: Partial<ChatClientOptions> = {}): Promise<ConnectedClient> {
    const creating = this.startConnecting(options);
    const peer = await this.server.accept();
    sendReady(peer);
    await answerWatch(peer, [userSnapshot(ALICE, 'alice', at(1))], { version: at(1) });
    return { client: await creating, peer };
  }

  /** Creates a client that is ready and watches these Users as well. */
  async follow(
    users: readonly UserSnapshot[],
    options: Partial<ChatClientOptions> = {},
  ): Promise<ConnectedClient> {
    const connected = await this.connect(options);
    const getting = users.map(({ identity }) => connected.client.getUser(identity));
    await answerWatch(connected.peer, users, { version: at(2) });
    await Promise.all(getting);
    return connected;
  }

  /** Accepts the socket of a client that reconnects. */
  async acceptReconnect(more: object = {}): Promise<StreamPeer> {
    const peer = await this.server.accept();
    sendReady(peer, more);
    return peer;
  }
}

/** Sends the `ready` frame. */
export function sendReady(peer: StreamPeer, more: object = {}): void {
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

/** Answers the next `watch` frame with one `snapshot` and returns the `watch` frame. */
export async function answerWatch(
  peer: StreamPeer,
  users: readonly UserSnapshot[],
  { version = at(2), unknown = [] }: { version?: string; unknown?: readonly string[] } = {},
): Promise<JsonObject> {
  const asked = await peer.expect('watch');
  peer.send({ type: 'snapshot', id: asked['id'], users, unknown, version, done: true });
  return asked;
}
