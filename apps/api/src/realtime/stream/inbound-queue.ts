import { Logger } from '@nestjs/common';
import type { RawData } from 'ws';
import { CLOSE } from '../sockets/close-codes.ts';
import { closeSocket } from '../sockets/close-socket.ts';
import type { GatewaySocket } from '../sockets/gateway-socket.ts';
import type { AskingClient } from './asking-client.ts';
import { parseFrame, type ClientFrame } from './client-frames.ts';
import { GATEWAY, type StreamContext } from './stream-context.ts';

const logger = new Logger('Stream');

/** Characters of frames that may wait before nothing more is read. */
const MOST_WAITING = 8 * 1024;

/**
 * What one client says: taken in at a bounded rate, and handled one frame after another. While one is being handled,
 * or the client has yet to read what waits for it, little more is read from its socket: answers cannot pile up, and
 * still a client that only reads slowly is not taken for a silent one.
 */
export class InboundQueue {
  readonly #context: StreamContext;
  readonly #client: AskingClient;
  /** Frames that came while it was no time for them. */
  #waiting: ClientFrame[] | null = null;
  #waitingLength = 0;
  #handling = false;
  /** When the next frame would be due, at an even rate. */
  #nextDue = 0;

  constructor(context: StreamContext, client: AskingClient) {
    this.#context = context;
    this.#client = client;
  }

  take(socket: GatewaySocket, data: RawData, isBinary: boolean): void {
    const { frameRate, framesIn } = this.#context;
    const due = frameRate.take(this.#nextDue, performance.now());
    if (due === null) {
      this.#client.refuse(undefined, 'too_many_requests', 'Too many frames');
      closeSocket(socket, CLOSE.tooMany, 'too many frames');
      return;
    }
    this.#nextDue = due;
    const text = isBinary || !Buffer.isBuffer(data) ? '' : data.toString('utf8');
    const frame = parseFrame(text);
    if (frame === null) {
      this.#client.refuse(undefined, 'bad_frame', 'Not a frame of this protocol');
      closeSocket(socket, CLOSE.protocol, 'bad frame');
      return;
    }
    framesIn.inc({ gateway: GATEWAY, type: frame.type });
    if (this.#isBusy || this.#waiting !== null) this.#keep(socket, frame, text.length);
    else this.#handle(frame);
  }

  /** Handles what waits, as far as it is time for it. */
  goOn(): void {
    while (!this.#isBusy) {
      const frame = this.#waiting?.shift();
      if (frame === undefined) {
        this.clear();
        const { socket } = this.#client;
        if (socket?.isPaused === true) socket.resume();
        return;
      }
      this.#handle(frame);
    }
  }

  /** Forgets what waits: it came through a socket that is no more. */
  clear(): void {
    this.#waiting = null;
    this.#waitingLength = 0;
  }

  get #isBusy(): boolean {
    return this.#handling || this.#client.isBlocked;
  }

  #keep(socket: GatewaySocket, frame: ClientFrame, length: number): void {
    (this.#waiting ??= []).push(frame);
    this.#waitingLength += length;
    if (this.#waitingLength > MOST_WAITING) socket.pause();
  }

  #handle(frame: ClientFrame): void {
    const { session } = this.#client;
    if (session === null) return;
    const handled = this.#context.handler.handle(this.#client, session, frame);
    if (handled !== null) {
      this.#handling = true;
      void this.#finish(frame, handled);
    }
  }

  async #finish(frame: ClientFrame, handled: Promise<void>): Promise<void> {
    try {
      await handled;
    } catch (error) {
      logger.error(`A ${frame.type} frame failed: ${String(error)}`);
      const id = 'id' in frame ? frame.id : undefined;
      this.#client.refuse(id, 'unavailable', `Could not ${frame.type}; try again`);
    }
    this.#handling = false;
    this.goOn();
  }
}
