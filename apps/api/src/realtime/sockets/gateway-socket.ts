import type { Duplex } from 'node:stream';
import { WebSocket, type RawData } from 'ws';

/** Whoever a socket belongs to, told of what happens to it. */
export interface SocketHolder {
  /** A message has come. With `isBinary` it is not text, which is valid UTF-8. */
  message(data: RawData, isBinary: boolean): void;
  /** A ping of ours has been answered. */
  pong(): void;
  /** The socket has closed, with this code of the WebSocket protocol. Nothing comes of it any more. */
  closed(socket: GatewaySocket, code: number): void;
}

/** Where sockets come in: it keeps account of them. */
export interface Door {
  released(socket: GatewaySocket): void;
  /** The client sent what is no WebSocket, or too much of one; the socket closes with this code. */
  refused(code: number): void;
}

/** Close codes of what `ws` refuses by itself, by the code of its error; of all others it is that of the protocol. */
const REFUSED: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_INVALID_UTF8: 1007,
};
const PROTOCOL_ERROR = 1002;

/**
 * A client's socket. What a process has to know of each of its thousands of sockets stands in fields, and listeners
 * are functions that all of them share: a closure for each would be most of its memory.
 */
export class GatewaySocket extends WebSocket {
  /** To be set before the socket is resumed; null where nobody cares any more. */
  holder: SocketHolder | null = null;
  /** The stream below: what waits in it for a slow client, and when that has gone, only it can tell. */
  transport: Duplex | null = null;
  /** Where the client is, as far as proxies in front can be believed. */
  address = '';
  /** Told by the socket itself, whatever becomes of the holder; one for all sockets of a gateway. */
  door: Door | null = null;

  /** Begins to tell its holder. */
  listen(): void {
    this.on('message', onMessage);
    this.on('pong', onPong);
    this.on('close', onClose);
    this.on('error', onError);
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  if (this instanceof GatewaySocket) this.holder?.message(data, isBinary);
}

function onPong(this: WebSocket): void {
  if (this instanceof GatewaySocket) this.holder?.pong();
}

function onClose(this: WebSocket, code: number): void {
  if (!(this instanceof GatewaySocket)) return;
  this.door?.released(this);
  this.holder?.closed(this, code);
}

/** What goes wrong with a socket ends it, and its close tells; what the client did wrong is counted. */
function onError(this: WebSocket, error: NodeJS.ErrnoException): void {
  const { code = '' } = error;
  if (!(this instanceof GatewaySocket) || !code.startsWith('WS_ERR_')) return;
  this.door?.refused(REFUSED[code] ?? PROTOCOL_ERROR);
}
