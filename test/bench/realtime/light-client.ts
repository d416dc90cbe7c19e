import { mintToken } from '../../support/mint-token.ts';
import { LightMqtt } from './light-mqtt.ts';
import { LightSocketIo } from './light-socket-io.ts';
import { LightWebSocket, TEXT, type SocketEnd } from './light-web-socket.ts';
import type { Target } from './load-protocol.ts';
import { readFrame } from './stream-frame.ts';

export interface LightListener {
  /** A text message arrived. */
  message(text: string): void;
  closed(why: SocketEnd): void;
}

/** Lifetime of tokens: longer than any run. */
const TOKEN_SECONDS = 6 * 3_600;

/** Access token of a User; for the baseline its name. */
export function tokenOf({ access }: Target, identity: string): string {
  if (access === null) return identity;
  return mintToken(access.credentials, access.serviceSid, identity, TOKEN_SECONDS);
}

/** Carries the frames of `/stream` to a server, and the frames or what stands for them back. */
export interface LightLink {
  send(frame: object): void;
  /** Stops answering and sending, as a client that lost its network. */
  mute(): void;
  /** Ends without a close frame. */
  drop(): void;
}

class StreamLink implements LightLink {
  readonly #socket: LightWebSocket;

  constructor(port: number, query: string, listener: LightListener) {
    this.#socket = new LightWebSocket(
      { port, path: `/stream?${query}`, opcode: TEXT },
      {
        message: (payload) => listener.message(payload.toString('utf8')),
        closed: (why) => listener.closed(why),
      },
    );
  }

  send(frame: object): void {
    this.#socket.send(Buffer.from(JSON.stringify(frame)));
  }

  mute(): void {
    this.#socket.mute();
  }

  drop(): void {
    this.#socket.drop();
  }
}

const LINKS = { stream: StreamLink, 'socket.io': LightSocketIo, mqtt: LightMqtt };

/** A minimal client of `/stream` for benches, or of a server that does the same work over another protocol. */
export class LightClient {
  readonly #link: LightLink;

  /** @param query query string after `/stream?` */
  constructor({ port, wire = 'stream' }: Target, query: string, listener: LightListener) {
    this.#link = new LINKS[wire](port, query, listener);
  }

  /**
   * A client that is ready as a User and ignores all frames.
   *
   * @throws Error if it is closed before it is ready
   */
  static ready(target: Target, identity: string): Promise<LightClient> {
    return new Promise((resolve, reject) => {
      const client: LightClient = new LightClient(target, `token=${tokenOf(target, identity)}`, {
        message: (text) => {
          if (readFrame(text).type === 'ready') resolve(client);
        },
        closed: (why) => reject(new Error(`${identity} was closed: ${why}`)),
      });
    });
  }

  send(frame: object): void {
    this.#link.send(frame);
  }

  /** Stops answering and sending, as a client that lost its network. */
  mute(): void {
    this.#link.mute();
  }

  /** Ends without a close frame. */
  drop(): void {
    this.#link.drop();
  }
}
