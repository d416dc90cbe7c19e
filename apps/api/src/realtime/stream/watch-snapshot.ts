import { resolveUserSid } from '#domain';
import type { ChangePublisher } from '../watching/change-publisher.ts';
import type { Viewer } from '../watching/viewer.ts';
import { namedUserFrame } from './server-frames.ts';

/** Characters after which a frame is full: little should wait in the socket of a slow client. */
const FULL_LENGTH = 12_000;

/** The client that a snapshot is for. */
export interface SnapshotReader extends Viewer {
  readonly serviceSid: string;
  /** Whether it may watch other Users now than at the version that it names: it then gets them all. */
  readonly mayHaveMissedAccess: boolean;
}

/**
 * The answer to one `watch`: the states of the Users that it names. Each frame is made when the socket takes it, with
 * the states at that time; until then only the names are kept.
 */
export class WatchSnapshot {
  readonly #id: number | undefined;
  readonly #users: readonly string[];
  readonly #since: string | null;
  #next = 0;

  /** @param since leaves out Users that have not changed after this version; null leaves out none */
  constructor(id: number | undefined, users: readonly string[], since: string | null) {
    this.#id = id;
    this.#users = users;
    this.#since = since;
  }

  /** Whether its last frame has been made. */
  get isDone(): boolean {
    return this.#next >= this.#users.length;
  }

  /** Returns the next frame. Its Users must be watched, and no change being published. */
  nextFrame(publisher: ChangePublisher, reader: SnapshotReader): string {
    const { serviceSid } = reader;
    const since = reader.mayHaveMissedAccess ? null : this.#since;
    const users: string[] = [];
    const unknown: string[] = [];
    let length = 0;
    while (!this.isDone && length < FULL_LENGTH) {
      const user = this.#users[this.#next] ?? '';
      this.#next += 1;
      const sid = resolveUserSid(serviceSid, user);
      const facts = publisher.userReachability(serviceSid, sid);
      if (facts === null || !reader.mayWatch(facts.identity)) {
        unknown.push(user);
        length += user.length;
      } else if (since === null || publisher.hasChangedSince(serviceSid, sid, since)) {
        const json = JSON.stringify(namedUserFrame(facts));
        users.push(json);
        length += json.length;
      }
    }
    const head = JSON.stringify({ type: 'snapshot', id: this.#id }).slice(0, -1);
    const tail = JSON.stringify({ unknown, version: publisher.version, done: this.isDone }).slice(
      1,
    );
    return `${head},"users":[${users.join(',')}],${tail}`;
  }
}
