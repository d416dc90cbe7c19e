import { Injectable } from '@nestjs/common';
import type { Position } from '#event-store';
import { LogFeed, type LogEvent } from '../../watching/log-feed.ts';
import type { UserItems } from '../user-map.ts';

export type ProfileItems = Partial<Pick<UserItems, 'attributes' | 'friendlyName'>>;

/** The User of a changed profile. Only the event of its creation has its identity. */
export interface ChangedUser {
  readonly userSid: string;
  readonly identity: string | null;
}

/** Receives changes of the names and attributes of Users. */
export interface ProfileWatcher {
  profileChanged(user: ChangedUser, changed: ProfileItems, position: Position): void;
}

/** Publishes changed profiles from the log feed: the change publisher knows reachability only. */
@Injectable()
export class ProfileFeed {
  readonly #watchers = new Map<string, Set<ProfileWatcher>>();

  constructor(feed: LogFeed) {
    feed.onEvent((event) => this.#onEvent(event));
  }

  watch(watcher: ProfileWatcher, userSids: Iterable<string>): void {
    for (const sid of userSids) {
      const watchers = this.#watchers.get(sid) ?? new Set();
      this.#watchers.set(sid, watchers.add(watcher));
    }
  }

  unwatch(watcher: ProfileWatcher, userSids: Iterable<string>): void {
    for (const sid of userSids) {
      const watchers = this.#watchers.get(sid);
      if (watchers?.delete(watcher) === true && watchers.size === 0) this.#watchers.delete(sid);
    }
  }

  #onEvent({ event, position }: LogEvent): void {
    if (event.type !== 'UserUpdated' && event.type !== 'UserCreated') return;
    const watchers = this.#watchers.get(event.data.userSid);
    if (watchers === undefined) return;
    const changed = itemsIn(event.type === 'UserUpdated' ? event.data.changes : event.data);
    if (Object.keys(changed).length === 0) return;
    const identity = event.type === 'UserCreated' ? event.data.identity : null;
    const user = { userSid: event.data.userSid, identity };
    for (const watcher of watchers) watcher.profileChanged(user, changed, position);
  }
}

function itemsIn({
  friendlyName,
  attributes,
}: {
  readonly friendlyName?: string | null;
  readonly attributes?: string;
}): ProfileItems {
  return {
    ...(attributes === undefined ? {} : { attributes: { value: attributes } }),
    ...(friendlyName === undefined ? {} : { friendlyName: { value: friendlyName } }),
  };
}
