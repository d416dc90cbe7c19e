import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** Opcodes of WebSocket frames (RFC 6455, section 5.2). */
export const TEXT = 0x1;
export const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

/** Why a socket ended: the close code, the HTTP status of a rejected upgrade, or the socket's error. */
export type SocketEnd = number | string;

export interface WebSocketListener {
  /** The upgrade is done. */
  opened?(): void;
  message(payload: Buffer): void;
  closed(why: SocketEnd): void;
}

export interface WebSocketOptions {
  readonly port: number;
  readonly path: string;
  /** `TEXT` or `BINARY`, for messages in both directions; other messages are ignored. */
  readonly opcode: number;
}

/**
 * A minimal WebSocket client for benches, so that many thousands of them leave the processor to the server: without
 * extensions and fragments, and with a mask of zeros. It does not choose its local address: for a given address the
 * kernel searches milliseconds for a port.
 */
export class LightWebSocket {
  readonly #socket: Socket;
  readonly #listener: WebSocketListener;
  readonly #opcode: number;
  #buffer: Buffer = EMPTY;
  #upgraded = false;
  #muted = false;
  #end: SocketEnd = 'cut off';

  constructor({ port, path, opcode }: WebSocketOptions, listener: WebSocketListener) {
    this.#listener = listener;
    this.#opcode = opcode;
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket.on('connect', () => {
      this.#socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      );
    });
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#end = error.code ?? error.message;
    });
    this.#socket.once('close', () => listener.closed(this.#end));
  }

  send(payload: Buffer): void {
    this.write(messageOf(this.#opcode, payload));
  }

  /** Sends an already framed message. */
  write(message: Buffer): void {
    if (!this.#muted && this.#socket.writable) this.#socket.write(message);
  }

  /** Stops answering and sending, as a client that lost its network. */
  mute(): void {
    this.#muted = true;
  }

  /** Resets the connection, after which the kernel frees the port at once. */
  drop(): void {
    this.#socket.resetAndDestroy();
  }

  #read(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    if (!this.#upgraded && !this.#readHead()) return;
    while (this.#readFrame());
  }

  #readHead(): boolean {
    const end = this.#buffer.indexOf(END_OF_HEAD);
    if (end === -1) return false;
    const status = Number(this.#buffer.toString('latin1', 9, 12));
    this.#buffer = this.#buffer.subarray(end + END_OF_HEAD.length);
    if (status !== 101) {
      this.#end = status;
      this.#socket.destroy();
      return false;
    }
    this.#upgraded = true;
    this.#listener.opened?.();
    return true;
  }

  /** @returns false if there is no complete frame */
  #readFrame(): boolean {
    const bytes = this.#buffer;
    if (bytes.length < 2) return false;
    const length7 = bytes.readUInt8(1) & 0x7f;
    const start = length7 < 126 ? 2 : length7 === 126 ? 4 : 10;
    if (bytes.length < start) return false;
    const length =
      length7 < 126
        ? length7
        : length7 === 126
          ? bytes.readUInt16BE(2)
          : Number(bytes.readBigUInt64BE(2));
    const end = start + length;
    if (bytes.length < end) return false;
    this.#buffer = end === bytes.length ? EMPTY : bytes.subarray(end);
    this.#handle(bytes.readUInt8(0) & 0xf, bytes.subarray(start, end));
    return true;
  }

  #handle(opcode: number, payload: Buffer): void {
    if (this.#muted) return;
    if (opcode === this.#opcode) this.#listener.message(payload);
    else if (opcode === PING) this.write(messageOf(PONG, payload));
    else if (opcode === CLOSE) {
      this.#end = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      this.write(messageOf(CLOSE, payload.subarray(0, 2)));
      this.#socket.end();
    }
  }
}

/** A framed message of a client. The mask is four zeros, which change nothing. */
export function messageOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 6 : 8);
  head.writeUInt8(0x80 | opcode, 0);
  if (length < 126) head.writeUInt8(0x80 | length, 1);
  else {
    if (length > 0xffff) throw new RangeError('The message is longer than 65,535 bytes');
    head.writeUInt8(0x80 | 126, 1);
    head.writeUInt16BE(length, 2);
  }
  return Buffer.concat([head, payload]);
}
