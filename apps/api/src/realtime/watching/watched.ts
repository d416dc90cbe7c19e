import { isUnchanged, type ServiceFacts, type UserFacts } from './user-facts.ts';
import type { Watcher } from './watcher.ts';

/** In the order of strings, a version with this suffix is after the version and before the next one. */
const LATE = '+';

/** Notifies one watcher of a change. */
export type Notify = (watcher: Watcher) => void;

/** A published change. `at` is the version at which it was published; changes are ordered by it. */
export type PublishedChange = { readonly at: string } & (
  | { readonly kind: 'userCreated' | 'userChanged'; readonly facts: UserFacts }
  | { readonly kind: 'userDeleted'; readonly sid: string; readonly version: string }
  | { readonly kind: 'serviceChanged'; readonly facts: ServiceFacts }
);

/** A User, its watchers, and the facts last published to them. */
export class WatchedUser {
  readonly watchers = new Set<Watcher>();
  /** Calls that wait until the User is loaded. */
  pendingCalls = 0;
  /** Null while the User does not exist. */
  #facts: UserFacts | null = null;
  /** Version at which the facts were published; empty where unknown. */
  #publishedAt = '';
  /** Version at which the User's creation was published; empty where unknown. */
  #createdAt = '';

  /** @param loaded settles once the state of the User is loaded */
  constructor(
    readonly sid: string,
    readonly loaded: Promise<void>,
  ) {}

  /** Records facts that need not be published, as the User has no watchers yet. */
  reset(facts: UserFacts | null): void {
    this.#facts = facts;
    this.#publishedAt = facts?.version ?? '';
    this.#createdAt = '';
  }

  /** Records facts as published at `at`. Returns how to notify watchers; null where nothing has changed for them. */
  publish(facts: UserFacts | null, service: ServiceFacts, at: string): Notify | null {
    const before = this.#facts;
    if (facts === null) {
      if (before === null) return null;
    } else if (before !== null && isUnchanged(before, service, facts)) return null;
    this.#facts = facts;
    this.#publishedAt = at;
    if (facts === null) return (watcher) => watcher.userDeleted(this.sid, clientVersion(at));
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
      return { kind: 'userDeleted', at, sid: this.sid, version: clientVersion(at) };
    }
    return { kind: this.#createdAt > version ? 'userCreated' : 'userChanged', at, facts };
  }
}

/** A Service, the watchers that have joined it, the facts last published to them, and its watched Users. */
export class WatchedService {
  /** By sid. They belong to one Service, so that its clients cannot affect those of another. */
  readonly users = new Map<string, WatchedUser>();
  readonly watchers = new Set<Watcher>();
  /** Calls that wait until the Service or Users of it are loaded. */
  pendingCalls = 0;
  facts: ServiceFacts = { reachabilityEnabled: false, version: '' };

  /** @param loaded settles once the state of the Service is loaded */
  constructor(
    readonly sid: string,
    readonly loaded: Promise<void>,
  ) {}

  /** Records facts as published. Returns how to notify watchers; null where the flag has not changed. */
  publish(facts: ServiceFacts): Notify | null {
    const isSame = facts.version === this.facts.version;
    this.facts = facts;
    return isSame ? null : (watcher) => watcher.serviceChanged(facts);
  }

  /** Whether a change of the Service's flag was published after a version. */
  hasChangedSince(version: string): boolean {
    return this.facts.version > version;
  }

  /** Returns the changes of the Service and some of its Users after a version, in order; the last of each. */
  changesSince(userSids: Iterable<string>, version: string): PublishedChange[] {
    const changes: PublishedChange[] = [];
    const { facts } = this;
    if (this.hasChangedSince(version)) {
      changes.push({ kind: 'serviceChanged', at: facts.version, facts });
    }
    for (const sid of userSids) {
      const change = this.users.get(sid)?.changeSince(version);
      if (change) changes.push(change);
    }
    return changes.sort((a, b) => (a.at < b.at ? -1 : 1));
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
