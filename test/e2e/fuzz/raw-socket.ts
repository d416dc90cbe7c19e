import { connect, type Socket } from 'node:net';

/** Result of an invalid request. */
export interface Outcome {
  /** Status of the answer to the upgrade; 0 if there was none. */
  readonly status: number;
  /** Codes of the `error` frames. */
  readonly errors: readonly (string | number)[];
  /** Code of the close frame; null if the socket ended without one. */
  readonly closeCode: number | null;
}

/** Longest wait for the server's reaction, in milliseconds. */
const PATIENCE_MS = 20_000;
const END_OF_HEAD = '\r\n\r\n';
const TEXT = 1;
const CLOSE = 8;

/** Parts of a WebSocket frame, any of which may be invalid. */
export interface RawFrame {
  readonly payload: Buffer;
  readonly opcode?: number;
  readonly final?: boolean;
  /** The three reserved bits. */
  readonly reserved?: number;
  readonly masked?: boolean;
  /** Length in the head, if it differs from the real one. */
  readonly claimedLength?: bigint;
}

/** The bytes of a frame, valid or not. */
export function encode(frame: RawFrame): Buffer {
  const { payload, opcode = TEXT, final = true, reserved = 0, masked = true } = frame;
  const claimed = frame.claimedLength ?? BigInt(payload.length);
  const head = Buffer.alloc(claimed < 126n ? 2 : claimed < 65_536n ? 4 : 10);
  head.writeUInt8((final ? 0x80 : 0) | (reserved << 4) | opcode, 0);
  const short = claimed < 126n ? Number(claimed) : claimed < 65_536n ? 126 : 127;
  head.writeUInt8((masked ? 0x80 : 0) | short, 1);
  if (short === 126) head.writeUInt16BE(Number(claimed), 2);
  if (short === 127) head.writeBigUInt64BE(claimed, 2);
  return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

export function text(value: unknown): Buffer {
  return encode({
    payload: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  });
}

/** The head of an upgrade request; `headers` replaces lines of it. */
export function upgrade(path: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
  };
  const text = Object.entries(lines).map(([name, value]) => `${name}: ${value}`);
  return `GET ${path} HTTP/1.1\r\n${text.join('\r\n')}${END_OF_HEAD}`;
}

/**
 * Sends bytes to a server and reads until the server closes the socket, or has sent `maxErrors` errors.
 *
 * @param head bytes to send at once
 * @param frames bytes to send after the ready frame
 * @param maxErrors number of errors after which the client closes
 */
export function runExchange(
  port: number,
  head: string | Buffer,
  frames: readonly Buffer[],
  maxErrors = Infinity,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const exchange = new Exchange(socket, frames, maxErrors);
    const timer = setTimeout(() => {
      reject(new Error(`Timed out after ${JSON.stringify(exchange.outcome)}`));
      socket.destroy();
    }, PATIENCE_MS);
    socket.once('connect', () => socket.write(head));
    socket.on('data', (chunk) => exchange.read(chunk));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(exchange.outcome);
    });
  });
}

class Exchange {
  readonly #socket: Socket;
  readonly #frames: readonly Buffer[];
  readonly #maxErrors: number;
  readonly #errors: (string | number)[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #status = 0;
  #closeCode: number | null = null;

  constructor(socket: Socket, frames: readonly Buffer[], maxErrors: number) {
    this.#socket = socket;
    this.#frames = frames;
    this.#maxErrors = maxErrors;
  }

  get outcome(): Outcome {
    return { status: this.#status, errors: this.#errors, closeCode: this.#closeCode };
  }

  read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    if (this.#status === 0) {
      const end = this.#rest.indexOf(END_OF_HEAD);
      if (end === -1) return;
      this.#status = Number(this.#rest.toString('latin1', 9, 12));
      this.#rest = this.#rest.subarray(end + END_OF_HEAD.length);
    }
    while (this.#status === 101 && this.#readFrame());
  }

  #readFrame(): boolean {
    const bytes = this.#rest;
    if (bytes.length < 2) return false;
    const short = bytes.readUInt8(1);
    const start = short < 126 ? 2 : 4;
    if (bytes.length < start) return false;
    const end = start + (short < 126 ? short : bytes.readUInt16BE(2));
    if (bytes.length < end) return false;
    const payload = bytes.subarray(start, end);
    this.#rest = bytes.subarray(end);
    const opcode = bytes.readUInt8(0) & 0xf;
    if (opcode === CLOSE) {
      this.#closeCode = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      this.#socket.end(encode({ opcode: CLOSE, payload: payload.subarray(0, 2) }));
    } else if (opcode === TEXT) this.#onFrame(JSON.parse(payload.toString('utf8')) as ServerFrame);
    return true;
  }

  #onFrame({ type, code }: ServerFrame): void {
    if (type === 'ready') for (const frame of this.#frames) this.#socket.write(frame);
    if (type !== 'error' || code === undefined) return;
    this.#errors.push(code);
    if (this.#errors.length >= this.#maxErrors) this.#socket.end(BYE);
  }
}

interface ServerFrame {
  readonly type: string;
  readonly code?: string | number;
}

const BYE = encode({ opcode: CLOSE, payload: Buffer.from([0x03, 0xe8]) });
