import { mintToken } from '../../support/mint-token.ts';
import { LightWebSocket, TEXT, type Ending } from './light-web-socket.ts';
import type { Target } from './load-protocol.ts';
import { readFrame } from './stream-frame.ts';

export interface LightListener {
  /** A text message came. */
  message(text: string): void;
  closed(why: Ending): void;
}

/** What a client presents to be let in as a User; at the baseline its name. */
export function tokenOf({ access }: Target, identity: string): string {
  return access === null ? identity : mintToken(access.credentials, access.serviceSid, identity);
}

/** As little of a client of `/stream` as the load of a bench needs. */
export class LightClient {
  readonly #socket: LightWebSocket;

  /** @param query what the address says besides `/stream?` */
  constructor({ port }: Target, query: string, listener: LightListener) {
    this.#socket = new LightWebSocket(
      { port, path: `/stream?${query}`, opcode: TEXT },
      {
        message: (payload) => listener.message(payload.toString('utf8')),
        closed: (why) => listener.closed(why),
      },
    );
  }

  /**
   * A client that is let in as a User, and says nothing of what it is told.
   *
   * @throws Error where it is closed before
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
    this.#socket.send(Buffer.from(JSON.stringify(frame)));
  }

  /** Answers nothing any more and says nothing, as a client whose network has gone. */
  mute(): void {
    this.#socket.mute();
  }

  /** Ends without a word. */
  drop(): void {
    this.#socket.drop();
  }
}
