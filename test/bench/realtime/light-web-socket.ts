import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** What a message of the client's is: the opcode of its frames (RFC 6455, section 5.2). */
export const TEXT = 0x1;
export const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

/** Why a socket ended: the code of the close frame, the status that refused the upgrade, or the socket's error. */
export type Ending = number | string;

export interface WebSocketListener {
  /** The upgrade is done. */
  opened?(): void;
  message(payload: Buffer): void;
  closed(why: Ending): void;
}

export interface WebSocketOptions {
  readonly port: number;
  readonly path: string;
  /** `TEXT` or `BINARY`: of messages both ways; others are not read. */
  readonly opcode: number;
}

/**
 * As little of a WebSocket client as the load of a bench needs, so that many thousands of them leave the processor
 * to the server: no extensions, no fragments, and a mask of zeros. The address that it connects from is left to the
 * kernel, which finds a port for an address that is given only by a search that takes milliseconds.
 */
export class LightWebSocket {
  readonly #socket: Socket;
  readonly #listener: WebSocketListener;
  readonly #opcode: number;
  #rest: Buffer = EMPTY;
  #upgraded = false;
  #muted = false;
  #why: Ending = 'cut off';

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
      this.#why = error.code ?? error.message;
    });
    this.#socket.once('close', () => listener.closed(this.#why));
  }

  send(payload: Buffer): void {
    this.write(messageOf(this.#opcode, payload));
  }

  /** Sends a message that is framed already. */
  write(message: Buffer): void {
    if (!this.#muted && this.#socket.writable) this.#socket.write(message);
  }

  /** Answers nothing any more and says nothing, as a client whose network has gone. */
  mute(): void {
    this.#muted = true;
  }

  /** Ends without a word: with a reset, after which the kernel keeps nothing of the port. */
  drop(): void {
    this.#socket.resetAndDestroy();
  }

  #read(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (!this.#upgraded && !this.#readHead()) return;
    while (this.#readFrame());
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf(END_OF_HEAD);
    if (end === -1) return false;
    const status = Number(this.#rest.toString('latin1', 9, 12));
    this.#rest = this.#rest.subarray(end + END_OF_HEAD.length);
    if (status !== 101) {
      this.#why = status;
      this.#socket.destroy();
      return false;
    }
    this.#upgraded = true;
    this.#listener.opened?.();
    return true;
  }

  /** @returns false where there is no whole frame */
  #readFrame(): boolean {
    const bytes = this.#rest;
    if (bytes.length < 2) return false;
    const said = bytes.readUInt8(1) & 0x7f;
    const start = said < 126 ? 2 : said === 126 ? 4 : 10;
    if (bytes.length < start) return false;
    const length =
      said < 126 ? said : said === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    const end = start + length;
    if (bytes.length < end) return false;
    this.#rest = end === bytes.length ? EMPTY : bytes.subarray(end);
    this.#handle(bytes.readUInt8(0) & 0xf, bytes.subarray(start, end));
    return true;
  }

  #handle(opcode: number, payload: Buffer): void {
    if (this.#muted) return;
    if (opcode === this.#opcode) this.#listener.message(payload);
    else if (opcode === PING) this.write(messageOf(PONG, payload));
    else if (opcode === CLOSE) {
      this.#why = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      this.write(messageOf(CLOSE, payload.subarray(0, 2)));
      this.#socket.end();
    }
  }
}

/** A message in its framing, as clients send it. The mask is four zeros, which change nothing. */
export function messageOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 6 : 8);
  head.writeUInt8(0x80 | opcode, 0);
  if (length < 126) head.writeUInt8(0x80 | length, 1);
  else {
    if (length > 0xffff) throw new RangeError('No message of a bench is so long');
    head.writeUInt8(0x80 | 126, 1);
    head.writeUInt16BE(length, 2);
  }
  return Buffer.concat([head, payload]);
}
