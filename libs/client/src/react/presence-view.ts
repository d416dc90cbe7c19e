import { isSamePresence, unknownPresence, type UserPresence } from './user-presence.ts';
import type { WatchedUsers } from './watched-users.ts';

export type Presences = ReadonlyMap<string, UserPresence>;

/** The Users of one component, in the form that React's `useSyncExternalStore` reads. */
export class PresenceView {
  readonly #users: WatchedUsers;
  readonly #names: readonly string[];
  #presences: Presences;

  constructor(users: WatchedUsers, names: readonly string[]) {
    this.#users = users;
    this.#names = names;
    this.#presences = new Map(names.map((name) => [name, unknownPresence(name, 'loading')]));
  }

  readonly subscribe = (listener: () => void): (() => void) =>
    this.#users.watch(this.#names, listener);

  /** Returns the same map as long as nothing changes. */
  readonly snapshot = (): Presences => {
    const presences = new Map(this.#names.map((name) => [name, this.#present(name)]));
    const isSame = this.#names.every((name) => presences.get(name) === this.#presences.get(name));
    if (!isSame) this.#presences = presences;
    return this.#presences;
  };

  /** A server renders before anything is known. */
  readonly serverSnapshot = (): Presences => this.#presences;

  #present(name: string): UserPresence {
    const last = this.#presences.get(name);
    const present = this.#users.presence(name);
    return last !== undefined && isSamePresence(last, present) ? last : present;
  }
}
