import { now } from './clock.ts';
import { LightClient, tokenOf } from './light-client.ts';
import type { Server } from './server.ts';
import { readFrame, usersIn, type StreamFrame } from './stream-frame.ts';

const NAMED_IN_A_FRAME = 1_000;

/** A watcher that writes down when it was told that a User is offline. */
export class Witness {
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

/** Reads of many Users over REST, again and again, that write down when one was first shown offline. */
export class RestWitness {
  readonly #server: Server;
  readonly #everyMs: number;
  readonly #offline = new Map<string, number>();
  #sids: readonly string[] = [];
  #stopped = false;
  readonly #running: Promise<void>;

  constructor(server: Server, everyMs: number) {
    this.#server = server;
    this.#everyMs = everyMs;
    this.#running = this.#run();
  }

  watch(sids: readonly string[]): void {
    this.#sids = sids;
    this.#offline.clear();
  }

  offlineAt(sid: string): number | undefined {
    return this.#offline.get(sid);
  }

  async end(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const sids = this.#sids;
      for (let start = 0; start < sids.length; start += 1_000) {
        await this.#readSome(sids, sids.slice(start, start + 1_000));
      }
      await new Promise((resolve) => setTimeout(resolve, this.#everyMs));
    }
  }

  async #readSome(all: readonly string[], sids: readonly string[]): Promise<void> {
    const { program, target } = this.#server;
    if (program === null || target.access === null) throw new Error('The baseline has no REST');
    const path = `/v2/Services/${target.access.serviceSid}/Reachability/Query`;
    const { body } = await program.post(path, undefined, { json: { User: sids } });
    if (all !== this.#sids) return;
    for (const { sid, online } of usersIn(body)) {
      if (online !== true && !this.#offline.has(sid)) this.#offline.set(sid, now());
    }
  }
}
