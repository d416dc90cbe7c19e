import { now } from './clock.ts';
import { LightClient, tokenOf } from './light-client.ts';
import type { Server } from './server.ts';
import { readFrame, type StreamFrame } from './stream-frame.ts';

const MAX_USERS_PER_FRAME = 1_000;

/** Records when Users were shown offline. */
export interface Observer {
  /** When the User was first shown offline since the last reset; undefined if it was not. */
  offlineAt(sid: string): number | undefined;
}

/** A watcher on `/stream` that records when Users were shown offline. */
export class StreamObserver implements Observer {
  readonly #client: LightClient;
  readonly #offlineTimes = new Map<string, number>();
  #onSnapshot: () => void = () => undefined;

  private constructor({ target }: Server, name: string) {
    this.#client = new LightClient(target, `token=${tokenOf(target, name)}`, {
      message: (text) => this.#onFrame(readFrame(text)),
      closed: () => undefined,
    });
  }

  /** Settles once it has the states of all Users. */
  static async watch(
    server: Server,
    name: string,
    sids: readonly string[],
  ): Promise<StreamObserver> {
    const observer = new StreamObserver(server, name);
    await new Promise<void>((resolve) => (observer.#onSnapshot = resolve));
    for (let start = 0; start < sids.length; start += MAX_USERS_PER_FRAME) {
      const users = sids.slice(start, start + MAX_USERS_PER_FRAME);
      await new Promise<void>((resolve) => {
        observer.#onSnapshot = resolve;
        observer.#client.send({ type: 'watch', id: 1, users });
      });
    }
    return observer;
  }

  offlineAt(sid: string): number | undefined {
    return this.#offlineTimes.get(sid);
  }

  reset(): void {
    this.#offlineTimes.clear();
  }

  stop(): void {
    this.#client.drop();
  }

  #onFrame(frame: StreamFrame): void {
    if (frame.type === 'ready' || (frame.type === 'snapshot' && frame.done)) this.#onSnapshot();
    if (frame.type !== 'change' || frame.online === true || this.#offlineTimes.has(frame.sid))
      return;
    this.#offlineTimes.set(frame.sid, now());
  }
}
