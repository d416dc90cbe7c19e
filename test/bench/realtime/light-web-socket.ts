import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { LightOptions } from './light-client.ts';

export const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

export interface MessageListener {
  /** The upgrade is done. */
  opened(): void;
  message(bytes: Buffer): void;
  /** @param code as `LightListener.closed` is given */
  closed(code: number): void;
}

/** As `LightClient`, for messages that are bytes. */
export class LightWebSocket {
  readonly #socket: Socket;
  readonly #listener: MessageListener;
  #rest: Buffer = EMPTY;
  #upgraded = false;
  #muted = false;
  #code = 0;

  constructor({ port, path, localAddress = '127.0.0.1' }: LightOptions, listener: MessageListener) {
    this.#listener = listener;
    this.#socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
    this.#socket.on('connect', () => {
      this.#socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      );
    });
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', () => undefined);
    this.#socket.once('close', () => listener.closed(this.#code));
  }

  send(bytes: Buffer): void {
    this.#write(BINARY, bytes);
  }

  /** Sends a message that is framed already. */
  write(message: Buffer): void {
    if (!this.#muted && this.#socket.writable) this.#socket.write(message);
  }

  /** Answers nothing any more and says nothing, as a client whose network has gone. */
  mute(): void {
    this.#muted = true;
  }

  /** Ends without a word. */
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
      this.#code = status;
      this.#socket.destroy();
      return false;
    }
    this.#upgraded = true;
    this.#listener.opened();
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
    if (opcode === BINARY) this.#listener.message(payload);
    else if (opcode === PING) this.#write(PONG, payload);
    else if (opcode === CLOSE) {
      this.#code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      this.#write(CLOSE, payload.subarray(0, 2));
      this.#socket.end();
    }
  }

  #write(opcode: number, payload: Buffer): void {
    this.write(messageOf(opcode, payload));
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
