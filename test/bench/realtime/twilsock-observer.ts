import { userMapSid } from '../../../apps/api/src/realtime/twilsock/map-sids.ts';
import { now } from './clock.ts';
import { LightTwilsock } from './light-twilsock.ts';
import type { Server } from './server.ts';
import type { Observer } from './stream-observer.ts';

/** A watcher on Twilsock that records when Users were shown offline. */
export class TwilsockObserver implements Observer {
  readonly #client: LightTwilsock;
  /** By map sid. */
  readonly #offlineTimes = new Map<string, number>();

  private constructor({ target }: Server, name: string) {
    this.#client = new LightTwilsock(target, name, {
      changed: (mapSid, online) => {
        if (online !== true && !this.#offlineTimes.has(mapSid))
          this.#offlineTimes.set(mapSid, now());
      },
      closed: () => undefined,
    });
  }

  /** Settles once its subscriptions are established. */
  static async watch(
    server: Server,
    name: string,
    sids: readonly string[],
  ): Promise<TwilsockObserver> {
    const observer = new TwilsockObserver(server, name);
    if ((await observer.#client.ready) === null) throw new Error(`${name} was rejected`);
    await observer.#client.subscribe(sids);
    return observer;
  }

  offlineAt(sid: string): number | undefined {
    return this.#offlineTimes.get(userMapSid(sid));
  }

  reset(): void {
    this.#offlineTimes.clear();
  }

  stop(): void {
    this.#client.drop();
  }
}
