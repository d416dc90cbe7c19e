import { setTimeout as delay } from 'node:timers/promises';
import type { ReadyResult } from './attempts.ts';
import { now } from './clock.ts';
import { LightClient, tokenOf } from './light-client.ts';
import type { SocketEnd } from './light-web-socket.ts';
import type { Target } from './load-protocol.ts';
import { readFrame, type UserState } from './stream-frame.ts';

const BACK_OFF_BASE_MS = 500;
const BACK_OFF_CAP_MS = 30_000;

export interface ReconnectingListener {
  changed(sid: string, online: boolean | null, at: number): void;
  /** A socket closed unexpectedly. */
  closed(why: SocketEnd): void;
}

/** A client of one User on `/stream` that can reconnect. */
export class ReconnectingClient {
  readonly #identity: string;
  readonly #watched: readonly string[];
  readonly #listener: ReconnectingListener;
  #client: LightClient | null = null;
  #connectionSid: string | null = null;
  #version = '';
  readonly #known = new Map<string, UserState>();
  #startedAt = 0;
  #failures = 0;
  #settle: (ready: ReadyResult | null) => void = () => undefined;
  #onSnapshot: () => void = () => undefined;

  /** @param watched Users that it watches on every connection */
  constructor(identity: string, watched: readonly string[], listener: ReconnectingListener) {
    this.#identity = identity;
    this.#watched = watched;
    this.#listener = listener;
  }

  /** Settles once it is ready and has the snapshot of its watched Users; null if the server rejected it. */
  open(target: Target, resume: boolean): Promise<ReadyResult | null> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      const again =
        resume && this.#connectionSid !== null
          ? `&resume=${this.#connectionSid}&since=${this.#version}`
          : '';
      const token = tokenOf(target, this.#identity);
      this.#startedAt = now();
      const client = new LightClient(target, `token=${token}${again}`, {
        message: (text) => this.#onMessage(text),
        closed: (why) => {
          if (this.#client !== client) return;
          this.#client = null;
          this.#listener.closed(why);
          resolve(null);
        },
      });
      this.#client = client;
    });
  }

  drop(): void {
    const client = this.#client;
    this.#client = null;
    client?.drop();
  }

  /** Reconnects with the back-off of the protocol until it succeeds; the first attempt also waits a random time. */
  async reconnect(target: Target, resume: boolean, until: number): Promise<ReadyResult | null> {
    while (now() < until) {
      const longest = Math.min(BACK_OFF_CAP_MS, BACK_OFF_BASE_MS * 2 ** this.#failures);
      await delay(Math.random() * longest);
      const ready = await this.open(target, resume);
      if (ready !== null) return ready;
      this.#failures += 1;
    }
    return null;
  }

  /** Last known state of a watched User; null if unknown. */
  stateOf(sid: string): boolean | null {
    return this.#known.get(sid)?.online ?? null;
  }

  get watched(): readonly string[] {
    return this.#watched;
  }

  #onMessage(text: string): void {
    const at = now();
    const frame = readFrame(text);
    if ('version' in frame && frame.version !== null) this.#version = frame.version;
    switch (frame.type) {
      case 'change':
        this.#update(frame);
        this.#listener.changed(frame.sid, frame.online, at);
        break;
      case 'ready':
        this.#failures = 0;
        this.#connectionSid = frame.connectionSid;
        this.#onReady({ latency: at - this.#startedAt, resumed: frame.resumed });
        break;
      case 'snapshot':
        for (const user of frame.users) this.#update(user);
        if (frame.done) this.#onSnapshot();
    }
  }

  #onReady(ready: ReadyResult): void {
    if (ready.resumed || this.#watched.length === 0) {
      this.#settle(ready);
      return;
    }
    this.#onSnapshot = () => this.#settle(ready);
    this.#client?.send({ type: 'watch', id: 1, users: this.#watched });
  }

  #update(user: UserState): void {
    const known = this.#known.get(user.sid);
    if (known === undefined || known.version <= user.version) this.#known.set(user.sid, user);
  }
}
