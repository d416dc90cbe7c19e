import { setTimeout as delay } from 'node:timers/promises';
import type { Ready } from './attempts.ts';
import { now } from './clock.ts';
import { LightClient, tokenOf } from './light-client.ts';
import type { Ending } from './light-web-socket.ts';
import type { Target } from './load-protocol.ts';
import { readFrame, type UserShown } from './stream-frame.ts';

const BACK_OFF_BASE_MS = 500;
const BACK_OFF_CAP_MS = 30_000;

export interface ReturningListener {
  told(sid: string, online: boolean | null, at: number): void;
  /** A socket closed that nobody wanted to close. */
  closed(why: Ending): void;
}

/** One connection to `/stream` after another, all of one User. */
export class ReturningClient {
  readonly #identity: string;
  readonly #watched: readonly string[];
  readonly #listener: ReturningListener;
  #light: LightClient | null = null;
  #connectionSid: string | null = null;
  #version = '';
  readonly #known = new Map<string, UserShown>();
  #startedAt = 0;
  #failures = 0;
  #settle: (ready: Ready | null) => void = () => undefined;
  #onSnapshot: () => void = () => undefined;

  /** @param watched Users of whom it is told with every connection */
  constructor(identity: string, watched: readonly string[], listener: ReturningListener) {
    this.#identity = identity;
    this.#watched = watched;
    this.#listener = listener;
  }

  /** Settles once it is ready and, where it watches, has its snapshot; null where the server refused. */
  open(target: Target, resume: boolean): Promise<Ready | null> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      const again =
        resume && this.#connectionSid !== null
          ? `&resume=${this.#connectionSid}&since=${this.#version}`
          : '';
      const token = tokenOf(target, this.#identity);
      this.#startedAt = now();
      const light = new LightClient(target, `token=${token}${again}`, {
        message: (text) => this.#read(text),
        closed: (why) => {
          if (this.#light !== light) return;
          this.#light = null;
          this.#listener.closed(why);
          resolve(null);
        },
      });
      this.#light = light;
    });
  }

  drop(): void {
    const light = this.#light;
    this.#light = null;
    light?.drop();
  }

  /** As often as it takes, with the waits of the protocol; the first time after a random wait too. */
  async comeBack(target: Target, resume: boolean, until: number): Promise<Ready | null> {
    while (now() < until) {
      const longest = Math.min(BACK_OFF_CAP_MS, BACK_OFF_BASE_MS * 2 ** this.#failures);
      await delay(Math.random() * longest);
      const ready = await this.open(target, resume);
      if (ready !== null) return ready;
      this.#failures += 1;
    }
    return null;
  }

  /** How a watched User stands as far as it was told; null where nothing was said. */
  stateOf(sid: string): boolean | null {
    return this.#known.get(sid)?.online ?? null;
  }

  get watched(): readonly string[] {
    return this.#watched;
  }

  #read(text: string): void {
    const at = now();
    const frame = readFrame(text);
    if ('version' in frame && frame.version !== null) this.#version = frame.version;
    switch (frame.type) {
      case 'change':
        this.#learn(frame);
        this.#listener.told(frame.sid, frame.online, at);
        break;
      case 'ready':
        this.#failures = 0;
        this.#connectionSid = frame.connectionSid;
        this.#onReady({ latency: at - this.#startedAt, resumed: frame.resumed });
        break;
      case 'snapshot':
        for (const user of frame.users) this.#learn(user);
        if (frame.done) this.#onSnapshot();
    }
  }

  #onReady(ready: Ready): void {
    if (ready.resumed || this.#watched.length === 0) {
      this.#settle(ready);
      return;
    }
    this.#onSnapshot = () => this.#settle(ready);
    this.#light?.send({ type: 'watch', id: 1, users: this.#watched });
  }

  #learn(user: UserShown): void {
    const known = this.#known.get(user.sid);
    if (known === undefined || known.version <= user.version) this.#known.set(user.sid, user);
  }
}
