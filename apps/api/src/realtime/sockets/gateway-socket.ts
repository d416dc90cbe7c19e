import type { Duplex } from 'node:stream';
import { WebSocket, type RawData } from 'ws';

/** Receives the events of a socket: the client that the socket belongs to. */
export interface SocketListener {
  /** A message has arrived. Without `isBinary` it is text, and valid UTF-8. */
  onMessage(data: RawData, isBinary: boolean): void;
  /** The client has answered a ping. */
  onPong(): void;
  /** The socket has closed with this WebSocket close code. It is the last event. */
  onClose(socket: GatewaySocket, code: number): void;
}

/** Counts the sockets of one gateway. */
export interface SocketCounts {
  socketClosed(socket: GatewaySocket): void;
  /** The client violated the WebSocket protocol; the socket closes with this code. */
  protocolViolated(code: number): void;
}

/** Close codes for errors that `ws` detects itself, by the code of the error; every other one is a protocol error. */
const VIOLATIONS: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_INVALID_UTF8: 1007,
};
const PROTOCOL_ERROR = 1002;

/**
 * A client's socket. A process has thousands of them, so the state of each is in fields, and all share the same
 * listener functions: a closure for each socket would take most of its memory.
 */
export class GatewaySocket extends WebSocket {
  /** Set it before the socket is resumed; null once another socket has taken over. */
  listener: SocketListener | null = null;
  /** Underlying stream, for its buffer size and `drain`. */
  transport: Duplex | null = null;
  /** Client IP address or IPv6 /64, taken from trusted proxies only. */
  address = '';
  /** One object for all sockets of a gateway; it is called whether or not the socket has a listener. */
  counts: SocketCounts | null = null;

  /** Starts to pass on events. */
  listen(): void {
    this.on('message', onMessage);
    this.on('pong', onPong);
    this.on('close', onClose);
    this.on('error', onError);
  }

  /** Closes the socket, paused or not. The socket server cuts off a client that does not answer. */
  closeWith(code: number, reason: string): void {
    if (this.readyState !== this.OPEN) return;
    this.resume();
    this.close(code, reason);
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  if (this instanceof GatewaySocket) this.listener?.onMessage(data, isBinary);
}

function onPong(this: WebSocket): void {
  if (this instanceof GatewaySocket) this.listener?.onPong();
}

function onClose(this: WebSocket, code: number): void {
  if (!(this instanceof GatewaySocket)) return;
  this.counts?.socketClosed(this);
  this.listener?.onClose(this, code);
}

/** An error ends the socket, which then emits `close`: only violations by the client are counted here. */
function onError(this: WebSocket, error: NodeJS.ErrnoException): void {
  const { code = '' } = error;
  if (!(this instanceof GatewaySocket) || !code.startsWith('WS_ERR_')) return;
  this.counts?.protocolViolated(VIOLATIONS[code] ?? PROTOCOL_ERROR);
}
