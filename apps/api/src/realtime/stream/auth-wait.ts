import type { RawData } from 'ws';
import { CLOSE_REASONS } from '../sockets/close-codes.ts';
import type { GatewaySocket, SocketListener } from '../sockets/gateway-socket.ts';
import { parseAuthFrame, type AuthFrame } from './auth-frame.ts';

/** Milliseconds that a client has to send its `auth` frame. */
const AUTH_TIMEOUT_MS = 5_000;

type AuthFailure = 'auth_timeout' | 'bad_frame';

/** Waits for the first frame of a client that has shown no token yet, for a bounded time and size. */
export class AuthWait implements SocketListener {
  readonly #socket: GatewaySocket;
  readonly #onAuth: (frame: AuthFrame) => void;
  readonly #onFailure: (reason: AuthFailure) => void;
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  /** Calls one of the functions, once, unless the socket closes before. The socket is paused then. */
  constructor(
    socket: GatewaySocket,
    onAuth: (frame: AuthFrame) => void,
    onFailure: (reason: AuthFailure) => void,
  ) {
    this.#socket = socket;
    this.#onAuth = onAuth;
    this.#onFailure = onFailure;
    this.#timer = setTimeout(() => this.#fail('auth_timeout'), AUTH_TIMEOUT_MS).unref();
    socket.listener = this;
    socket.resume();
  }

  onMessage(data: RawData, isBinary: boolean): void {
    // Further frames may have come with the first one: a client sends none before `ready`.
    if (this.#isOver) {
      this.#socket.closeWith(CLOSE_REASONS.bad_frame.code, CLOSE_REASONS.bad_frame.text);
      return;
    }
    const frame = isBinary || !Buffer.isBuffer(data) ? null : parseAuthFrame(data);
    if (frame === null) {
      this.#fail('bad_frame');
      return;
    }
    this.#end();
    this.#onAuth(frame);
  }

  onPong(): void {
    // The server sends no ping before `ready`.
  }

  onClose(): void {
    this.#end();
  }

  #fail(reason: AuthFailure): void {
    this.#end();
    this.#onFailure(reason);
  }

  #end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket.pause();
  }
}
