import type { Position } from '#event-store';
import type { UserFacts } from '../watching/user-facts.ts';
import type { ChangePublisher } from '../watching/change-publisher.ts';
import type { Watcher } from '../watching/watcher.ts';
import {
  beginningWith,
  beginningWithout,
  NO_ANSWER,
  NOT_FOUND,
  type ResumePoint,
} from './resume-point.ts';
import { eventIdOf, eventIdOfVersion } from './event-id.ts';
import { conversationsMapSid, userOfMap } from './map-sids.ts';
import type { ProfileFeed, ProfileItems, ProfileWatcher } from './profile-feed.ts';
import type { Profile, Profiles } from './profiles.ts';
import type { SubscriptionOutcome, SyncNotifications } from './sync-notifications.ts';
import type { UserItems } from './user-map.ts';

/** What the subscriptions of a process share. */
export interface SubscriptionContext {
  readonly hub: ChangePublisher;
  readonly profiles: Profiles;
  readonly profileFeed: ProfileFeed;
  readonly notifications: SyncNotifications;
  /** Most Users that one client may be subscribed to. */
  readonly most: number;
}

/** Where notifications go to. */
export interface Outlet {
  /** Sends a frame. */
  send(frame: Buffer): void;
  /** Sends the newest of an item of a User, or keeps it, in place of an older one, until the client reads on. */
  offer(userSid: string, item: string, frame: Buffer): void;
  /** Keeps nothing of a User any more: it has been overtaken, or nobody wants it. */
  forget(userSid: string): void;
}

/** A map that a client wants to be told of, and the last event of it that it knows. */
export interface SubscriptionRequest {
  readonly mapSid: string;
  readonly lastEventId: number;
}

const TOO_MANY = { status: 429, code: 20429, message: 'Too many subscriptions' };

/** What one client is told of: Sync's words for the watch-list of the hub. */
export class Subscriptions implements Watcher, ProfileWatcher {
  readonly #context: SubscriptionContext;
  readonly #serviceSid: string;
  readonly #conversations: string;
  readonly #outlet: Outlet;
  /** By User: whether the client was told an answer other than null. */
  readonly #told = new Map<string, boolean>();
  #joined = false;
  #released = false;

  /** @param own the User whose client it is */
  constructor(
    context: SubscriptionContext,
    own: { readonly serviceSid: string; readonly userSid: string },
    outlet: Outlet,
  ) {
    this.#context = context;
    this.#serviceSid = own.serviceSid;
    this.#conversations = conversationsMapSid(own.userSid);
    this.#outlet = outlet;
  }

  /**
   * Subscribes to maps: tells what has changed since what the client knows, and changes from then on.
   *
   * @throws EventStoreUnavailableError when it cannot be known what has changed; nothing was subscribed then
   */
  async establish(requests: readonly SubscriptionRequest[], correlationId: unknown): Promise<void> {
    const known = new Map<string, number>();
    const decided: SubscriptionOutcome[] = [];
    for (const { mapSid, lastEventId } of requests) {
      const userSid = userOfMap(mapSid);
      if (mapSid === this.#conversations) decided.push({ mapSid, lastEventId });
      else if (userSid === null) decided.push({ mapSid, error: NOT_FOUND });
      else if (this.#hasRoomFor(userSid, known)) known.set(userSid, lastEventId);
      else decided.push({ mapSid, error: TOO_MANY });
    }
    await this.#watch(known, (beginnings) => {
      const changes = beginnings.flatMap((beginning) => beginning.changes);
      if (changes.length > 0) this.#outlet.send(this.#context.notifications.replay(changes));
      const all = [...decided, ...beginnings.map(({ outcome }) => outcome)];
      const established = all.filter(({ error }) => error === undefined);
      const failed = all.filter(({ error }) => error !== undefined);
      this.#tell('subscription_established', correlationId, established);
      this.#tell('subscription_failed', correlationId, failed);
    });
  }

  cancel(mapSids: readonly string[], correlationId: unknown): void {
    this.#forget(mapSids.flatMap((mapSid) => userOfMap(mapSid) ?? []));
    const outcomes = mapSids.map((mapSid) => ({ mapSid }));
    this.#tell('subscription_canceled', correlationId, outcomes);
  }

  /** Ends every subscription. */
  release(): void {
    this.#released = true;
    this.#forget([...this.#told.keys()]);
    this.#context.hub.leaveService(this, this.#serviceSid);
  }

  userCreated(facts: UserFacts): void {
    this.userChanged(facts);
  }

  userChanged(facts: UserFacts): void {
    this.#told.set(facts.sid, isAnswer(facts));
    const frame = this.#context.notifications.reachability(facts);
    this.#outlet.offer(facts.sid, 'reachability', frame);
  }

  /** The map stays: should the User be made again, it goes on. */
  userDeleted(userSid: string, version: string): void {
    this.#told.set(userSid, false);
    this.#offer(userSid, { reachability: NO_ANSWER }, eventIdOfVersion(version));
  }

  /** Sync has no word for a whole Service: each User who had an answer has none now. */
  serviceChanged({ version }: { readonly version: string }): void {
    for (const [userSid, hadAnswer] of this.#told)
      if (hadAnswer) this.userDeleted(userSid, version);
  }

  profileChanged(userSid: string, changed: ProfileItems, position: Position): void {
    if (this.#told.has(userSid)) this.#offer(userSid, changed, eventIdOf(position));
  }

  /** @param known Users to watch, with the last event that the client knows of each */
  async #watch(
    known: ReadonlyMap<string, number>,
    begin: (beginnings: readonly ResumePoint[]) => void,
  ): Promise<void> {
    const userSids = [...known.keys()];
    const { hub, profiles, profileFeed } = this.#context;
    profileFeed.watch(this, userSids);
    try {
      if (!this.#joined) await hub.joinService(this, this.#serviceSid);
      this.#joined = true;
      const found = await profiles.of(this.#serviceSid, userSids);
      await hub.watchUsers(this, this.#serviceSid, userSids, (facts) => {
        if (this.#released) return;
        begin(
          userSids.map((sid) =>
            this.#begin(sid, known.get(sid) ?? 0, facts.get(sid) ?? null, found.get(sid) ?? null),
          ),
        );
      });
    } finally {
      const unwanted = userSids.filter((sid) => this.#released || !this.#told.has(sid));
      profileFeed.unwatch(this, unwanted);
      hub.unwatchUsers(this, this.#serviceSid, unwanted);
      if (this.#released) hub.leaveService(this, this.#serviceSid);
    }
  }

  #begin(
    userSid: string,
    lastEventId: number,
    facts: UserFacts | null,
    profile: Profile | null,
  ): ResumePoint {
    this.#outlet.forget(userSid);
    if (facts === null || profile === null) {
      this.#told.delete(userSid);
      return beginningWithout(userSid, lastEventId);
    }
    this.#told.set(userSid, isAnswer(facts));
    return beginningWith({ facts, profile }, lastEventId);
  }

  #hasRoomFor(userSid: string, asked: ReadonlyMap<string, number>): boolean {
    if (this.#told.has(userSid) || asked.has(userSid)) return true;
    const fresh = [...asked.keys()].filter((sid) => !this.#told.has(sid));
    return this.#told.size + fresh.length < this.#context.most;
  }

  #offer(userSid: string, items: Partial<UserItems>, eventId: number): void {
    const frame = this.#context.notifications.live({ userSid, items, eventId });
    this.#outlet.offer(userSid, Object.keys(items).join(), frame);
  }

  #forget(userSids: readonly string[]): void {
    const { hub, profileFeed } = this.#context;
    for (const sid of userSids) {
      this.#told.delete(sid);
      this.#outlet.forget(sid);
    }
    profileFeed.unwatch(this, userSids);
    hub.unwatchUsers(this, this.#serviceSid, userSids);
  }

  #tell(
    type: Parameters<SyncNotifications['subscription']>[0],
    correlationId: unknown,
    outcomes: readonly SubscriptionOutcome[],
  ): void {
    if (outcomes.length === 0) return;
    this.#outlet.send(this.#context.notifications.subscription(type, correlationId, outcomes));
  }
}

function isAnswer({ isOnline, isNotifiable }: UserFacts): boolean {
  return isOnline !== null || isNotifiable !== null;
}
