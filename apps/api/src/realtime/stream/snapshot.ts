import { resolveUserSid } from '#domain';
import type { ChangePublisher } from '../watching/change-publisher.ts';
import { namedUserFrame } from './server-frames.ts';

/** Characters of a frame after which the rest goes into another: what waits for a slow reader is to stay small. */
const FULL = 12_000;

/**
 * The answer to one `watch`. Its frames are made one at a time, when the client is about to read them, and say how
 * the Users stand by then: until that moment nothing of it is kept but what the client has asked for.
 */
export class Snapshot {
  readonly #id: number | undefined;
  readonly #users: readonly string[];
  readonly #since: string | null;
  #next = 0;

  /** @param since leaves out the Users of which nothing was told after that version; null leaves out none */
  constructor(id: number | undefined, users: readonly string[], since: string | null) {
    this.#id = id;
    this.#users = users;
    this.#since = since;
  }

  /** Whether the last of its frames has been made. */
  get isDone(): boolean {
    return this.#next >= this.#users.length;
  }

  /** The next frame. All of its Users are watched, and no change of them is half told. */
  nextFrame(hub: ChangePublisher, serviceSid: string): string {
    const users: string[] = [];
    const unknown: string[] = [];
    let length = 0;
    while (!this.isDone && length < FULL) {
      const user = this.#users[this.#next] ?? '';
      this.#next += 1;
      const sid = resolveUserSid(serviceSid, user);
      const facts = hub.userFacts(serviceSid, sid);
      if (facts === null) {
        unknown.push(user);
        length += user.length;
      } else if (this.#since === null || hub.hasChangedSince(serviceSid, sid, this.#since)) {
        const json = JSON.stringify(namedUserFrame(facts));
        users.push(json);
        length += json.length;
      }
    }
    const head = JSON.stringify({ type: 'snapshot', id: this.#id }).slice(0, -1);
    const tail = JSON.stringify({ unknown, version: hub.version, done: this.isDone }).slice(1);
    return `${head},"users":[${users.join(',')}],${tail}`;
  }
}
