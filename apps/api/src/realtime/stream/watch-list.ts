import { resolveUserSid } from '#domain';

/** Longest list that is kept as an array: searching it is as fast as a Set, which takes three times the memory. */
const MAX_ARRAY = 64;

/** Users of a `watch` request, divided by whether the watch-list has room for them. */
export interface SelectedUsers {
  /** Sids or identities, as the client wrote them. */
  readonly users: readonly string[];
  readonly sids: readonly string[];
  /** Sids that are not on the watch-list yet. */
  readonly added: ReadonlySet<string>;
  /** Sids or identities for which there is no room. */
  readonly rejected: readonly string[];
}

/**
 * Sids of the Users that one client watches. Each of many thousands of clients has a watch-list, and most are short:
 * those are arrays of exact length, and only long ones are Sets.
 */
export class WatchList implements Iterable<string> {
  #sids: readonly string[] | Set<string> = [];

  get size(): number {
    return this.#sids instanceof Set ? this.#sids.size : this.#sids.length;
  }

  has(sid: string): boolean {
    return this.#sids instanceof Set ? this.#sids.has(sid) : this.#sids.includes(sid);
  }

  /** Returns which Users can be added without exceeding `max` on this list. Does not add them. */
  select(serviceSid: string, requested: readonly string[], max: number): SelectedUsers {
    const users: string[] = [];
    const sids: string[] = [];
    const added = new Set<string>();
    const rejected: string[] = [];
    for (const user of requested) {
      const sid = resolveUserSid(serviceSid, user);
      const isNew = !this.has(sid) && !added.has(sid);
      if (isNew && this.size + added.size >= max) {
        rejected.push(user);
        continue;
      }
      if (isNew) added.add(sid);
      users.push(user);
      sids.push(sid);
    }
    return { users, sids, added, rejected };
  }

  add(added: Iterable<string>): void {
    const all = this.#sids instanceof Set ? this.#sids : new Set(this.#sids);
    for (const sid of added) all.add(sid);
    this.#keep(all);
  }

  remove(removed: Iterable<string>): void {
    const rest = this.#sids instanceof Set ? this.#sids : new Set(this.#sids);
    for (const sid of removed) rest.delete(sid);
    this.#keep(rest);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#sids[Symbol.iterator]();
  }

  #keep(sids: Set<string>): void {
    this.#sids = sids.size > MAX_ARRAY ? sids : Array.from(sids);
  }
}
