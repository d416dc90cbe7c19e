import type { IncomingHttpHeaders } from 'node:http';
import type { GatewaySocket } from './gateway-socket.ts';

/** What a client said before it had a socket. Not to be kept: thousands of these would be a lot of memory. */
export interface Handshake {
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
}

/** A protocol that is spoken over WebSockets, on a path of its own. */
export interface Gateway {
  readonly path: string;
  /** Short name, for metrics. */
  readonly name: string;
  /**
   * Takes a socket that is open. It is paused, so that no message comes before somebody holds it: set its `holder`
   * and resume it. It needs no listeners; an error closes it, within a second.
   */
  accept(socket: GatewaySocket, handshake: Handshake): void;
}
