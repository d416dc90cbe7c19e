import type { IncomingHttpHeaders } from 'node:http';
import type { GatewaySocket } from './gateway-socket.ts';

/** The HTTP request of a WebSocket upgrade. Do not keep it: thousands of these would take a lot of memory. */
export interface UpgradeRequest {
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
}

/** A protocol over WebSockets, on a path of its own. */
export interface Gateway {
  readonly path: string;
  /** Short name, for metrics. */
  readonly name: string;
  /**
   * Accepts an open socket. The socket is paused, so that no message arrives before it has a `listener`: set that,
   * then resume the socket. An error closes it within a second; it needs no other listeners.
   */
  accept(socket: GatewaySocket, request: UpgradeRequest): void;
}
