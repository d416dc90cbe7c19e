import type { RawData } from 'ws';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import { FrameError, parseFrame, type Frame } from './frame.ts';
import { GATEWAY } from './gateway-name.ts';
import { readMessage, type ClientMessage, type Incoming } from './messages.ts';
import { isPlainReply } from './plain-reply.ts';
import type { Speaker } from './speaker.ts';
import type { TwilsockContext } from './twilsock-context.ts';

/**
 * What one client says: taken in at a bounded rate, and handled one frame after another. While one is being handled,
 * or the client has yet to read what waits for it, nothing more is read from its socket: answers cannot pile up.
 */
export class InboundQueue {
  readonly #context: TwilsockContext;
  readonly #client: Speaker;
  readonly #socket: GatewaySocket;
  /** Frames that came while it was no time for them. */
  #waiting: Incoming[] | null = null;
  #handling = false;
  #hasBegun = false;
  /** When the next frame would be due, at an even rate. */
  #nextDue = 0;

  constructor(context: TwilsockContext, client: Speaker, socket: GatewaySocket) {
    this.#context = context;
    this.#client = client;
    this.#socket = socket;
  }

  take(data: RawData, isBinary: boolean): void {
    if (isBinary && Buffer.isBuffer(data) && isPlainReply(data) && this.#client.replied()) return;
    const read = isBinary && Buffer.isBuffer(data) ? readFrame(data) : null;
    if (read === null || !this.#isInOrder(read.message)) {
      this.#client.turnAway('bad frame');
      return;
    }
    const { frame, message } = read;
    // What merely replies to us is not counted, as long as it is no more than we have said.
    if (frame.header.method === 'reply' && this.#client.replied()) return;
    if (!this.#isWithinRate()) {
      this.#client.turnAway('too many requests');
      return;
    }
    this.#context.metrics.framesIn.inc({ gateway: GATEWAY, type: message.method });
    if (message.method === 'ignored') return;
    if (this.#isBusy || this.#waiting !== null) (this.#waiting ??= []).push({ frame, message });
    else this.#handle({ frame, message });
  }

  /** Handles what waits, as far as it is time for it. */
  goOn(): void {
    while (!this.#isBusy) {
      const next = this.#waiting?.shift();
      if (next === undefined) {
        this.#waiting = null;
        if (this.#socket.isPaused) this.#socket.resume();
        return;
      }
      this.#handle(next);
    }
  }

  /** Forgets what waits: its socket is closed. */
  clear(): void {
    this.#waiting = null;
  }

  get #isBusy(): boolean {
    return this.#handling || this.#client.isBlocked;
  }

  /** The first thing that a client says is who it is, and it says so once. */
  #isInOrder({ method }: ClientMessage): boolean {
    if (method === 'close' || method === 'ignored') return true;
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    return (method === 'init') === isFirst;
  }

  #isWithinRate(): boolean {
    const due = this.#context.frameRate.take(this.#nextDue, performance.now());
    this.#nextDue = due ?? this.#nextDue;
    return due !== null;
  }

  #handle(incoming: Incoming): void {
    this.#handling = true;
    this.#socket.pause();
    void this.#context.handler.handle(this.#client, incoming).finally(() => {
      this.#handling = false;
      this.goOn();
    });
  }
}

function readFrame(bytes: Buffer): {
  readonly frame: Frame;
  readonly message: ClientMessage;
} | null {
  try {
    const frame = parseFrame(bytes);
    const message = readMessage(frame.header);
    return message === null ? null : { frame, message };
  } catch (error) {
    if (error instanceof FrameError) return null;
    throw error;
  }
}
