import type { Cancel } from '../clock.ts';
import { ReachabilityError } from '../errors.ts';
import { CLOSE } from '../protocol/close-codes.ts';
import type { ClientFrame } from '../protocol/client-frames.ts';
import { parseServerFrame } from '../protocol/parse-frame.ts';
import type { ConnectionListener, ConnectionOptions } from './ports.ts';
import { Socket } from './socket.ts';
import {
  initialState,
  stateName,
  type ConnectionState,
  type ConnectionStateName,
} from './state.ts';
import type { Effect, Input } from './step.ts';
import { transition } from './transition.ts';

/** Performs the effects of {@link transition}: sockets, one timer, and calls of the listener. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #sockets = new Map<number, Socket>();
  readonly #inputs: Input[] = [];
  #isBusy = false;
  #state: ConnectionState;
  #cancelTimer: Cancel = () => undefined;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#state = initialState(options.token, options.fetchToken !== null);
  }

  get stateName(): ConnectionStateName {
    return stateName(this.#state);
  }

  get isConnected(): boolean {
    return this.#state.phase.name === 'connected';
  }

  get token(): string {
    return this.#state.token;
  }

  /** Sends a frame if connected. Callers send unanswered frames again after the next `ready`. */
  send(frame: ClientFrame): void {
    if (this.isConnected) this.#sockets.get(this.#state.attempt)?.send(JSON.stringify(frame));
  }

  /** Handles inputs one after the other, even if handling one adds another. */
  handle(input: Input): void {
    this.#inputs.push(input);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        this.#handleOne(next);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  #handleOne(input: Input): void {
    const { clock } = this.#options;
    const before = this.stateName;
    const now = { monotonic: clock.monotonic(), wall: clock.wall() };
    const { state, effects } = transition(this.#state, input, now);
    this.#state = state;
    if (this.stateName !== before) this.#listener.onStateChanged(this.stateName);
    for (const effect of effects) this.#perform(effect);
    if (input.type !== 'frame' || input.frame.type === 'ready') return;
    if (this.isConnected && input.attempt === state.attempt) this.#listener.onFrame(input.frame);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'fetchToken':
        this.#fetchToken(effect.attempt);
        break;
      case 'openSocket':
        this.#open(effect.attempt, effect.token, effect.connectionSid);
        break;
      case 'send':
        this.#sockets.get(this.#state.attempt)?.send(JSON.stringify(effect.frame));
        break;
      case 'closeSocket':
        this.#sockets.get(effect.attempt)?.close(effect.code);
        this.#sockets.delete(effect.attempt);
        break;
      case 'setTimer':
        this.#setTimer(effect.jitter ? this.#options.random() * effect.ms : effect.ms);
        break;
      case 'clearTimer':
        this.#cancelTimer();
        break;
      case 'ready':
        this.#listener.onReady(effect.ready);
        break;
      case 'reportError':
        this.#listener.onError(effect.error);
        break;
      case 'tokenExpiring':
        this.#listener.onTokenExpiring(effect.expiresInMs);
        break;
      case 'tokenExpired':
        this.#listener.onTokenExpired();
        break;
      case 'ended':
        for (const socket of this.#sockets.values()) socket.close(CLOSE.bye);
        this.#sockets.clear();
        this.#listener.onEnded(effect.error);
    }
  }

  #setTimer(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(ms, () => this.handle({ type: 'timer' }));
  }

  #fetchToken(attempt: number): void {
    this.#options.fetchToken?.().then(
      (token) => this.handle({ type: 'tokenFetched', attempt, token }),
      (cause: unknown) => this.handle({ type: 'tokenFailed', attempt, cause }),
    );
  }

  #open(attempt: number, token: string, connectionSid: string | null): void {
    const { webSocket, url, auth } = this.#options;
    const socket = new Socket(webSocket, url, {
      onOpen: () => socket.send(JSON.stringify(auth(token, connectionSid))),
      onMessage: (text) => this.#receive(attempt, text),
      onClosed: (code) => {
        this.#sockets.delete(attempt);
        this.handle({ type: 'socketClosed', attempt, code });
      },
    });
    this.#sockets.set(attempt, socket);
  }

  #receive(attempt: number, text: string): void {
    try {
      const frame = parseServerFrame(text);
      if (frame !== null) this.handle({ type: 'frame', attempt, frame });
    } catch (error) {
      if (!(error instanceof ReachabilityError)) throw error;
      this.#listener.onError(error);
    }
  }
}
