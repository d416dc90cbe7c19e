import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

export interface LightListener {
  /** A text message came. */
  message(text: string): void;
  /** @param code of the close frame, 0 where the socket ended without one, or the status that refused the upgrade */
  closed(code: number): void;
}

export interface LightOptions {
  readonly port: number;
  readonly path: string;
  /** Of the addresses 127.0.0.*, whose ports are counted apart. */
  readonly localAddress?: string;
}

const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

/**
 * As little of a WebSocket client as the load of a bench needs, so that many thousands of them leave the processor
 * to the server: no extensions, no fragments, and a mask of zeros.
 */
export class LightClient {
  readonly #socket: Socket;
  readonly #listener: LightListener;
  #rest: Buffer = EMPTY;
  #upgraded = false;
  #muted = false;
  #code = 0;

  constructor({ port, path, localAddress = '127.0.0.1' }: LightOptions, listener: LightListener) {
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

  send(frame: object): void {
    this.#write(TEXT, Buffer.from(JSON.stringify(frame)));
  }

  /** Answers nothing any more and says nothing, as a client whose network has gone. */
  mute(): void {
    this.#muted = true;
  }

  /** Reads nothing any more: what is sent to it fills the buffers in between. */
  pause(): void {
    this.#socket.pause();
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
    return true;
  }

  /** @returns false where there is no whole frame */
  #readFrame(): boolean {
    const bytes = this.#rest;
    if (bytes.length < 2) return false;
    let length = bytes.readUInt8(1) & 0x7f;
    let start = 2;
    if (length === 126) {
      if (bytes.length < 4) return false;
      length = bytes.readUInt16BE(2);
      start = 4;
    } else if (length === 127) {
      if (bytes.length < 10) return false;
      length = Number(bytes.readBigUInt64BE(2));
      start = 10;
    }
    const end = start + length;
    if (bytes.length < end) return false;
    this.#rest = end === bytes.length ? EMPTY : bytes.subarray(end);
    this.#handle(bytes.readUInt8(0) & 0xf, bytes.subarray(start, end));
    return true;
  }

  #handle(opcode: number, payload: Buffer): void {
    if (this.#muted) return;
    if (opcode === TEXT) this.#listener.message(payload.toString('utf8'));
    else if (opcode === PING) this.#write(PONG, payload);
    else if (opcode === CLOSE) {
      this.#code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      this.#write(CLOSE, payload.subarray(0, 2));
      this.#socket.end();
    }
  }

  #write(opcode: number, payload: Buffer): void {
    if (this.#muted || !this.#socket.writable) return;
    const { length } = payload;
    const head = Buffer.alloc(length < 126 ? 6 : 8);
    head.writeUInt8(0x80 | opcode, 0);
    if (length < 126) head.writeUInt8(0x80 | length, 1);
    else {
      if (length > 0xffff) throw new RangeError('No message of a bench is so long');
      head.writeUInt8(0x80 | 126, 1);
      head.writeUInt16BE(length, 2);
    }
    this.#socket.write(Buffer.concat([head, payload]));
  }
}
