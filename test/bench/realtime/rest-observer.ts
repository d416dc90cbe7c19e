import { setTimeout as delay } from 'node:timers/promises';
import { now } from './clock.ts';
import type { Server } from './server.ts';
import { usersIn } from './stream-frame.ts';
import type { Observer } from './stream-observer.ts';

/** Most Users per request. */
const PAGE = 1_000;

/** Reads many Users over REST in a loop, and records when they were first shown offline. */
export class RestObserver implements Observer {
  readonly #server: Server;
  readonly #everyMs: number;
  readonly #offlineTimes = new Map<string, number>();
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
    this.#offlineTimes.clear();
  }

  offlineAt(sid: string): number | undefined {
    return this.#offlineTimes.get(sid);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const sids = this.#sids;
      for (let start = 0; start < sids.length; start += PAGE) {
        await this.#readSome(sids, sids.slice(start, start + PAGE));
      }
      await delay(this.#everyMs);
    }
  }

  async #readSome(all: readonly string[], sids: readonly string[]): Promise<void> {
    const { program, target } = this.#server;
    if (program === null || target.access === null) throw new Error('The baseline has no REST API');
    const path = `/v2/Services/${target.access.serviceSid}/Reachability/Query`;
    const { body } = await program.post(path, undefined, { json: { User: sids } });
    if (all !== this.#sids) return;
    for (const { sid, online } of usersIn(body)) {
      if (online !== true && !this.#offlineTimes.has(sid)) this.#offlineTimes.set(sid, now());
    }
  }
}
