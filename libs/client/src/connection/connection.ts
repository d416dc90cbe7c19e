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

/** Has the effects that {@link transition} decides on: sockets, one alarm, and words to the listener. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #sockets = new Map<number, Socket>();
  readonly #inputs: Input[] = [];
  #isBusy = false;
  #state: ConnectionState;
  #cancelAlarm: Cancel = () => undefined;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#state = initialState(options.token, options.fetchToken !== null);
  }

  get stateName(): ConnectionStateName {
    return stateName(this.#state);
  }

  get isAttached(): boolean {
    return this.#state.phase.name === 'attached';
  }

  get token(): string {
    return this.#state.token;
  }

  /** Sends a frame where that is possible; what matters is said again once attached. */
  send(frame: ClientFrame): void {
    if (this.isAttached) this.#sockets.get(this.#state.attempt)?.send(JSON.stringify(frame));
  }

  /** Takes what happens, one after the other even where one leads to the next. */
  put(input: Input): void {
    this.#inputs.push(input);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        this.#take(next);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  #take(input: Input): void {
    const { clock } = this.#options;
    const before = this.stateName;
    const now = { monotonic: clock.monotonic(), wall: clock.wall() };
    const { state, effects } = transition(this.#state, input, now);
    this.#state = state;
    if (this.stateName !== before) this.#listener.stateChanged(this.stateName);
    for (const effect of effects) this.#have(effect);
    if (input.type === 'frame' && input.frame.type !== 'ready') this.#pass(input);
  }

  #pass({ attempt, frame }: Input & { readonly type: 'frame' }): void {
    if (this.isAttached && attempt === this.#state.attempt) this.#listener.frame(frame);
  }

  #have(effect: Effect): void {
    switch (effect.type) {
      case 'fetchToken':
        this.#fetchToken(effect.attempt);
        break;
      case 'open':
        this.#open(effect.attempt, effect.token, effect.connectionSid);
        break;
      case 'send':
        this.#sockets.get(this.#state.attempt)?.send(JSON.stringify(effect.frame));
        break;
      case 'close':
        this.#sockets.get(effect.attempt)?.close(effect.code);
        this.#sockets.delete(effect.attempt);
        break;
      case 'alarm':
        this.#setAlarm(effect.jitter ? this.#options.random() * effect.ms : effect.ms);
        break;
      case 'noAlarm':
        this.#cancelAlarm();
        break;
      case 'attached':
        this.#listener.attached(effect.ready);
        break;
      case 'complain':
        this.#listener.error(effect.error);
        break;
      case 'tokenExpiring':
        this.#listener.tokenExpiring(effect.expiresInMs);
        break;
      case 'tokenExpired':
        this.#listener.tokenExpired();
        break;
      case 'ended':
        for (const socket of this.#sockets.values()) socket.close(CLOSE.bye);
        this.#sockets.clear();
        this.#listener.ended(effect.error);
    }
  }

  #setAlarm(ms: number): void {
    this.#cancelAlarm();
    this.#cancelAlarm = this.#options.clock.after(ms, () => this.put({ type: 'alarm' }));
  }

  #fetchToken(attempt: number): void {
    this.#options.fetchToken?.().then(
      (token) => this.put({ type: 'token', attempt, token }),
      (cause: unknown) => this.put({ type: 'noToken', attempt, cause }),
    );
  }

  #open(attempt: number, token: string, connectionSid: string | null): void {
    const { webSocket, url } = this.#options;
    const socket = new Socket(webSocket, url(token, connectionSid), {
      message: (text) => this.#read(attempt, text),
      closed: (code) => {
        this.#sockets.delete(attempt);
        this.put({ type: 'closed', attempt, code });
      },
    });
    this.#sockets.set(attempt, socket);
  }

  #read(attempt: number, text: string): void {
    try {
      const frame = parseServerFrame(text);
      if (frame !== null) this.put({ type: 'frame', attempt, frame });
    } catch (error) {
      if (!(error instanceof ReachabilityError)) throw error;
      this.#listener.error(error);
    }
  }
}
