import { isUnchanged, type ServiceReachability, type UserReachability } from './reachability.ts';
import type { Watcher } from './watcher.ts';

/** In the order of strings, a version with this suffix is after the version and before the next one. */
const LATE = '+';

/** Notifies one watcher of a change. */
export type NotifyWatcher = (watcher: Watcher) => void;

/** A published change. `at` is the version at which it was published; changes are ordered by it. */
export type PublishedChange = { readonly at: string } & (
  | { readonly kind: 'userCreated' | 'userChanged'; readonly facts: UserReachability }
  | {
      readonly kind: 'userDeleted';
      readonly sid: string;
      readonly identity: string;
      readonly version: string;
    }
  | { readonly kind: 'serviceChanged'; readonly facts: ServiceReachability }
);

/** A User, its watchers, and the facts last published to them. */
export class WatchedUser {
  readonly watchers = new Set<Watcher>();
  /** Calls that wait until the User is loaded. */
  pendingCalls = 0;
  /** Null while the User does not exist. */
  #facts: UserReachability | null = null;
  /** Identity of a User that existed when it was last published; null of one that never did. */
  #identity: string | null = null;
  /** Version at which the facts were published; empty if unknown. */
  #publishedAt = '';
  /** Version at which the User's creation was published; empty if unknown. */
  #createdAt = '';

  /** @param loaded settles once the state of the User is loaded */
  constructor(
    readonly sid: string,
    readonly loaded: Promise<void>,
  ) {}

  /** Records facts that need not be published, as the User has no watchers yet. */
  reset(facts: UserReachability | null): void {
    this.#facts = facts;
    this.#identity = facts?.identity ?? null;
    this.#publishedAt = facts?.version ?? '';
    this.#createdAt = '';
  }

  /** Records facts as published at `at`. Returns how to notify watchers; null if nothing has changed for them. */
  publish(
    facts: UserReachability | null,
    service: ServiceReachability,
    at: string,
  ): NotifyWatcher | null {
    const before = this.#facts;
    if (facts === null) {
      if (before === null) return null;
      this.#facts = null;
      this.#publishedAt = at;
      return (watcher) => watcher.userDeleted(this.sid, clientVersion(at), before.identity);
    }
    if (before !== null && isUnchanged(before, service, facts)) return null;
    this.#facts = facts;
    this.#identity = facts.identity;
    this.#publishedAt = at;
    if (before !== null) return (watcher) => watcher.userChanged(facts);
    this.#createdAt = at;
    return (watcher) => watcher.userCreated(facts);
  }

  hasChangedSince(version: string): boolean {
    return this.#publishedAt > version;
  }

  /** Returns the last change published after a version; null if there is none. */
  changeSince(version: string): PublishedChange | null {
    if (!this.hasChangedSince(version)) return null;
    const at = this.#publishedAt;
    const facts = this.#facts;
    if (facts === null) {
      const identity = this.#identity;
      if (identity === null) return null;
      return { kind: 'userDeleted', at, sid: this.sid, identity, version: clientVersion(at) };
    }
    return { kind: this.#createdAt > version ? 'userCreated' : 'userChanged', at, facts };
  }
}

/** Returns the version at which to publish a change that could not be published in its place in the log. */
export function lateVersion(version: string): string {
  return version + LATE;
}

/** Returns the version that clients get for a change published at `at`. */
function clientVersion(at: string): string {
  return at.endsWith(LATE) ? at.slice(0, -LATE.length) : at;
}
