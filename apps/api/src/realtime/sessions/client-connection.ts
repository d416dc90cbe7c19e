import { SpanKind } from '@opentelemetry/api';
import { WebSocket, type RawData } from 'ws';
import type { Tracing } from '#shared/tracing/tracing';
import { CLOSE_CODES, CLOSE_REASONS, type CloseReason } from '../sockets/close-codes.ts';
import type { GatewaySocket, SocketListener } from '../sockets/gateway-socket.ts';
import type { RateLimiter } from '../../platform/rate-limiter.ts';
import type { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import type { SlowReaders } from '../sockets/slow-readers.ts';
import { SocketWriter } from '../sockets/socket-writer.ts';
import type { DisconnectReason, SessionClient } from './session-client.ts';
import type { Session } from './session.ts';

const { OPEN } = WebSocket;

/** Shared by all clients of one gateway. */
export interface ClientContext {
  /** Name of the gateway, in metrics. */
  readonly gateway: string;
  readonly frameRate: RateLimiter;
  readonly slowReaders: SlowReaders;
  /** Null where tracing is off. */
  readonly tracing: Tracing | null;
  readonly metrics: Pick<RealtimeMetrics, 'framesIn' | 'errors' | 'slowCloses'>;
}

/**
 * One client: its socket, its session, and the frames between them. A subclass for each protocol reads, handles and
 * writes the frames.
 *
 * Inbound frames are limited in rate and handled one after another. While one is handled, or while the client has to
 * read frames of the server, further frames wait: so replies cannot pile up.
 *
 * Thousands of clients are idle at a time. There is no closure for each of them, and fields that few clients need
 * stay null.
 */
export abstract class ClientConnection<Frame, Context extends ClientContext>
  extends SocketWriter
  implements SessionClient, SocketListener
{
  protected readonly context: Context;
  #socket: GatewaySocket | null = null;
  #session: Session | null = null;
  #isEnded = false;
  #waiting: Frame[] | null = null;
  #waitingSize = 0;
  #isHandling = false;
  #nextFrameDueMs = 0;

  constructor(context: Context) {
    super(context.slowReaders);
    this.context = context;
  }

  /** The current socket; null while there is none. */
  get socket(): GatewaySocket | null {
    return this.#socket;
  }

  /** Null until {@link startSession}, and after the session has ended or another client has resumed it. */
  get session(): Session | null {
    return this.#session;
  }

  /** Uses this socket from now on, and closes the one before. */
  attachSocket(socket: GatewaySocket): void {
    const before = this.#socket;
    if (before !== null) {
      before.listener = null;
      const { code, text } = CLOSE_REASONS.taken_over;
      before.closeWith(code, text);
    }
    this.#dropFrames();
    this.#socket = socket;
    socket.listener = this;
  }

  /** Uses the session that was opened or resumed for this client; false if it has ended already. */
  startSession(session: Session): boolean {
    if (!this.#isEnded) {
      this.#session = session;
      if (this.#socket === null) session.socketClosed();
    }
    return !this.#isEnded;
  }

  onMessage(data: RawData, isBinary: boolean): void {
    this.#session?.markSeen();
    const socket = this.#socket;
    if (socket?.readyState === OPEN) this.receive(socket, data, isBinary);
  }

  onPong(): void {
    this.#session?.markSeen();
  }

  onClose(socket: GatewaySocket, code: number): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#dropFrames();
    if (code === CLOSE_CODES.bye) this.#session?.closeCleanly();
    else this.#session?.socketClosed();
  }

  override onReadTimeout(): void {
    const { gateway, metrics } = this.context;
    metrics.slowCloses.inc({ gateway });
    this.close('slow_reader');
  }

  ping(): void {
    if (this.#socket?.readyState === OPEN) this.#socket.ping();
  }

  disconnect(reason: DisconnectReason): void {
    if (reason === 'silent') this.#socket?.terminate();
    else this.close(reason);
  }

  onSessionEnd(): void {
    const session = this.#session;
    this.#isEnded = true;
    if (session === null) return;
    this.releaseSession(session);
    this.#session = null;
    this.#dropFrames();
  }

  abstract announceExpiry(inMs: number): void;
  abstract accessChanged(): void;
  abstract move(reconnectInMs: number): void;

  /** Tells the client why, and closes its socket if it has one. */
  protected abstract close(reason: CloseReason): void;
  /** Releases everything that belongs to the session, which has ended. */
  protected abstract releaseSession(session: Session): void;

  /** Reads a message, and passes a frame in it to {@link enqueue}. */
  protected abstract receive(socket: GatewaySocket, data: RawData, isBinary: boolean): void;
  /** Handles a frame; null when that is done at once. The promise never rejects. */
  protected abstract handle(frame: Frame): Promise<void> | null;
  /** Returns the name of what a frame asks for; null if that is not worth a span. */
  protected abstract spanNameOf(frame: Frame): string | null;

  /** Whether the client has to read pending frames before another of its own is handled. */
  protected abstract get isBlocked(): boolean;
  /** Writes pending frames, as far as the socket takes them. */
  protected abstract flush(): void;
  /** Drops pending frames: they were for a socket that is gone. */
  protected abstract clearOutbound(): void;

  /** Whether one more frame is within the rate limit. */
  protected isWithinRate(): boolean {
    const due = this.context.frameRate.take(this.#nextFrameDueMs, performance.now());
    this.#nextFrameDueMs = due ?? this.#nextFrameDueMs;
    return due !== null;
  }

  /** Handles a frame now or after those that wait; returns the total size of frames that wait. */
  protected enqueue(frame: Frame, size: number): number {
    if (this.#waiting === null && !this.#isBusy) this.#handleNow(frame);
    else {
      (this.#waiting ??= []).push(frame);
      this.#waitingSize += size;
    }
    return this.#waitingSize;
  }

  /**
   * Ends the session and closes the socket: the client sent `bye`. The end of the session calls {@link onSessionEnd},
   * which drops the session. The close of the socket calls {@link onClose}, which then has no session to end.
   */
  protected closeCleanly(): void {
    this.#session?.closeCleanly();
    this.#socket?.closeWith(CLOSE_CODES.bye, 'bye');
  }

  /** Leaves the session to another client. */
  protected leaveSession(): void {
    this.#session = null;
  }

  protected countFrame(type: string): void {
    const { gateway, metrics } = this.context;
    metrics.framesIn.inc({ gateway, type });
  }

  protected countError(code: string | number): void {
    const { gateway, metrics } = this.context;
    metrics.errors.inc({ gateway, code });
  }

  protected override onDrain(): void {
    this.flush();
    this.#session?.markSeen();
    this.#handleWaiting();
  }

  get #isBusy(): boolean {
    return this.#isHandling || this.isBlocked;
  }

  #handleNow(frame: Frame): void {
    const { tracing } = this.context;
    const handled = tracing === null ? this.handle(frame) : this.#handleInSpan(tracing, frame);
    if (handled === null) return;
    this.#isHandling = true;
    void handled.then(() => {
      this.#isHandling = false;
      this.#handleWaiting();
    });
  }

  #handleInSpan(tracing: Tracing, frame: Frame): Promise<void> | null {
    const name = this.spanNameOf(frame);
    if (name === null) return this.handle(frame);
    const attributes = { 'reachability.gateway': this.context.gateway };
    const start = { kind: SpanKind.SERVER, parent: null, attributes };
    return tracing.run(`frame ${name}`, start, () => this.handle(frame));
  }

  /** Handles frames that wait until one has to be waited for; reads on when none is left. */
  #handleWaiting(): void {
    while (!this.#isBusy) {
      const frame = this.#waiting?.shift();
      if (frame === undefined) {
        this.#clearInbound();
        if (this.#socket?.isPaused === true) this.#socket.resume();
        return;
      }
      this.#handleNow(frame);
    }
  }

  #clearInbound(): void {
    this.#waiting = null;
    this.#waitingSize = 0;
  }

  #dropFrames(): void {
    this.stopWriting();
    this.clearOutbound();
    this.#clearInbound();
  }
}
