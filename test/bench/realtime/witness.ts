import { now } from './clock.ts';
import { LightClient, tokenOf } from './light-client.ts';
import type { Server } from './server.ts';
import { readFrame, type StreamFrame } from './stream-frame.ts';

const NAMED_IN_A_FRAME = 1_000;

/** A place where Users are shown online or not. */
export interface Place {
  /** When it first showed, since it was asked to forget, that a User is offline. */
  offlineAt(sid: string): number | undefined;
}

/** A watcher that writes down when it was told that a User is offline. */
export class Witness implements Place {
  readonly #client: LightClient;
  readonly #offline = new Map<string, number>();
  #onSnapshot: () => void = () => undefined;

  private constructor({ target }: Server, name: string) {
    this.#client = new LightClient(target, `token=${tokenOf(target, name)}`, {
      message: (text) => this.#read(readFrame(text)),
      closed: () => undefined,
    });
  }

  /** Settles once it has read how all of them stand. */
  static async watch(server: Server, name: string, sids: readonly string[]): Promise<Witness> {
    const witness = new Witness(server, name);
    await new Promise<void>((resolve) => (witness.#onSnapshot = resolve));
    for (let start = 0; start < sids.length; start += NAMED_IN_A_FRAME) {
      const users = sids.slice(start, start + NAMED_IN_A_FRAME);
      await new Promise<void>((resolve) => {
        witness.#onSnapshot = resolve;
        witness.#client.send({ type: 'watch', id: 1, users });
      });
    }
    return witness;
  }

  /** When it was first told, since it was asked to forget, that a User is offline. */
  offlineAt(sid: string): number | undefined {
    return this.#offline.get(sid);
  }

  forget(): void {
    this.#offline.clear();
  }

  end(): void {
    this.#client.drop();
  }

  #read(frame: StreamFrame): void {
    if (frame.type === 'ready' || (frame.type === 'snapshot' && frame.done)) this.#onSnapshot();
    if (frame.type !== 'change' || frame.online === true || this.#offline.has(frame.sid)) return;
    this.#offline.set(frame.sid, now());
  }
}
