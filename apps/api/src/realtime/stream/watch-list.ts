/** Sids of the Users that somebody watches. */
export interface WatchedSids extends Iterable<string> {
  readonly size: number;
  has(sid: string): boolean;
}

/** Most sids that are kept in a row: looking through so few is as fast as a Set, which takes three times the memory. */
const MOST_IN_A_ROW = 64;

/**
 * A watch-list. Each of many thousands of clients has one, and most are short: those are an array of just the
 * length that they need, and only long ones become a Set.
 */
export class WatchList implements WatchedSids {
  #sids: readonly string[] | Set<string> = [];

  get size(): number {
    return this.#sids instanceof Set ? this.#sids.size : this.#sids.length;
  }

  has(sid: string): boolean {
    return this.#sids instanceof Set ? this.#sids.has(sid) : this.#sids.includes(sid);
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
    this.#sids = sids.size > MOST_IN_A_ROW ? sids : Array.from(sids);
  }
}
