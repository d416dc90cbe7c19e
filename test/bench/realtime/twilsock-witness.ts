import { userMapSid } from '../../../apps/api/src/realtime/twilsock/map-sids.ts';
import { now } from './clock.ts';
import { LightTwilsock } from './light-twilsock.ts';
import type { Server } from './server.ts';
import type { Place } from './witness.ts';

/** As `Witness`, on Twilsock. */
export class TwilsockWitness implements Place {
  readonly #client: LightTwilsock;
  /** By map. */
  readonly #offline = new Map<string, number>();

  private constructor({ target }: Server, name: string) {
    this.#client = new LightTwilsock(target, name, {
      told: (mapSid, online) => {
        if (online !== true && !this.#offline.has(mapSid)) this.#offline.set(mapSid, now());
      },
      closed: () => undefined,
    });
  }

  /** Settles once its subscriptions are established. */
  static async watch(
    server: Server,
    name: string,
    sids: readonly string[],
  ): Promise<TwilsockWitness> {
    const witness = new TwilsockWitness(server, name);
    if ((await witness.#client.ready) === null) throw new Error(`${name} was not let in`);
    await witness.#client.subscribe(sids);
    return witness;
  }

  /** When it was first told, since it was asked to forget, that a User is offline. */
  offlineAt(sid: string): number | undefined {
    return this.#offline.get(userMapSid(sid));
  }

  forget(): void {
    this.#offline.clear();
  }

  end(): void {
    this.#client.drop();
  }
}
