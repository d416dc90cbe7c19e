import type { RawData } from 'ws';
import { CLOSE } from '../realtime/close-codes.ts';
import type { GatewaySocket } from '../realtime/gateway-socket.ts';
import { TokenBucket } from '../realtime/token-bucket.ts';
import { FrameError, parseFrame, type Frame } from './frame.ts';
import { readMessage, type ClientMessage } from './messages.ts';
import { TwilsockClient } from './twilsock-client.ts';
import { GATEWAY, type TwilsockContext } from './twilsock-context.ts';

/** Milliseconds that a client has to say who it is. */
const INIT_MS = 10_000;

/** Reads what comes through one socket, and has it handled, one message after another. */
export class TwilsockSocket {
  readonly #context: TwilsockContext;
  readonly #socket: GatewaySocket;
  readonly #client: TwilsockClient;
  readonly #bucket: TokenBucket;
  #work: Promise<void> = Promise.resolve();

  constructor(context: TwilsockContext, socket: GatewaySocket) {
    const { FRAMES_PER_SECOND, FRAME_BURST } = context.settings;
    this.#context = context;
    this.#socket = socket;
    this.#client = new TwilsockClient(context, socket);
    this.#bucket = new TokenBucket(FRAMES_PER_SECOND, FRAME_BURST, performance.now());
    const timer = setTimeout(() => {
      if (!this.#client.isAdmitted) socket.close(CLOSE.protocol, 'no init');
    }, INIT_MS).unref();
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('pong', () => this.#client.seen());
    socket.once('close', (code) => {
      clearTimeout(timer);
      this.#client.socketClosed(code === CLOSE.bye);
    });
    socket.resume();
  }

  #receive(data: RawData, isBinary: boolean): void {
    this.#client.seen();
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const read = isBinary && Buffer.isBuffer(data) ? readFrame(data) : null;
    if (read === null || !this.#isInOrder(read.message)) return this.#refuse('bad frame');
    const { message } = read;
    // What merely replies to us costs a client nothing, as long as it is no more than we have said.
    const isFree = read.frame.header.method === 'reply' && this.#client.replied();
    if (!isFree && !this.#bucket.take(performance.now())) {
      return this.#refuse('too many requests');
    }
    this.#context.metrics.framesIn.inc({ gateway: GATEWAY, type: message.method });
    if (message.method !== 'ignored') this.#handleInTurn(message, read.frame);
  }

  /** The first thing that a client says is who it is, and it says so once. */
  #isInOrder({ method }: ClientMessage): boolean {
    if (method === 'close' || method === 'ignored') return true;
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    return (method === 'init') === isFirst;
  }
  #hasBegun = false;

  /** Nothing more is read until this is done: a client that sends faster waits, and the queue stays short. */
  #handleInTurn(message: Exclude<ClientMessage, { method: 'ignored' }>, frame: Frame): void {
    this.#socket.pause();
    this.#work = this.#work
      .then(() => this.#handle(message, frame))
      .finally(() => this.#socket.resume());
  }

  async #handle(
    message: Exclude<ClientMessage, { method: 'ignored' }>,
    frame: Frame,
  ): Promise<void> {
    switch (message.method) {
      case 'init':
        return this.#client.init(message);
      case 'update':
        return this.#client.update(message);
      case 'message':
        return this.#client.message(message, frame);
      case 'notification context':
        this.#client.acknowledge(message);
        return;
      case 'close':
        this.#client.bye();
    }
  }

  #refuse(reason: 'bad frame' | 'too many requests'): void {
    const code = reason.replaceAll(' ', '_');
    this.#context.metrics.refused.inc({ gateway: GATEWAY, code });
    this.#client.close(reason);
  }
}

function readFrame(
  bytes: Buffer,
): { readonly frame: Frame; readonly message: ClientMessage } | null {
  try {
    const frame = parseFrame(bytes);
    const message = readMessage(frame.header);
    return message === null ? null : { frame, message };
  } catch (error) {
    if (error instanceof FrameError) return null;
    throw error;
  }
}
