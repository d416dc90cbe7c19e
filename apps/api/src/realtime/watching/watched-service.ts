import type { ServiceReachability } from './reachability.ts';
import type { NotifyWatcher, PublishedChange, WatchedUser } from './watched-user.ts';
import type { Watcher } from './watcher.ts';

/** A Service, the watchers that have joined it, the facts last published to them, and its watched Users. */
export class WatchedService {
  /** By sid. They belong to one Service, so that its clients cannot affect those of another. */
  readonly users = new Map<string, WatchedUser>();
  readonly watchers = new Set<Watcher>();
  /** Calls that wait until the Service or Users of it are loaded. */
  pendingCalls = 0;
  facts: ServiceReachability = { reachabilityEnabled: false, version: '' };

  /** @param loaded settles once the state of the Service is loaded */
  constructor(
    readonly sid: string,
    readonly loaded: Promise<void>,
  ) {}

  /** Records facts as published. Returns how to notify watchers; null if the flag has not changed. */
  publish(facts: ServiceReachability): NotifyWatcher | null {
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
