import type { Position } from '#event-store';
import type { LookupBudget } from '../../sessions/lookup-budget.ts';
import type { WatchQuota } from '../../sessions/watch-quota.ts';
import type { ServiceReachability, UserReachability } from '../../watching/reachability.ts';
import type { ChangePublisher } from '../../watching/change-publisher.ts';
import type { Viewer } from '../../watching/viewer.ts';
import type { Watcher } from '../../watching/watcher.ts';
import {
  buildStart,
  buildStartOfMissingUser,
  NO_ANSWER,
  NOT_FOUND,
  type SubscriptionStart,
} from './subscription-start.ts';
import { SubscribedUsers } from './subscribed-users.ts';
import { SubscriptionAccess } from './subscription-access.ts';
import { SubscriptionFrames } from './subscription-frames.ts';
import type { EventIds } from './event-ids.ts';
import { conversationsMapSid, userOfMap } from '../map-sids.ts';
import type { NotificationQueue } from './notification-queue.ts';
import type { ChangedUser, ProfileFeed, ProfileItems, ProfileWatcher } from './profile-feed.ts';
import type { Profile, Profiles } from './profiles.ts';
import type { SessionList } from './session-list.ts';
import type {
  EventProtocol,
  SubscriptionOutcome,
  SyncNotifications,
} from './sync-notifications.ts';

/** Shared by the subscriptions of all clients. */
export interface SubscriptionContext {
  readonly publisher: ChangePublisher;
  readonly profiles: Profiles;
  readonly profileFeed: ProfileFeed;
  readonly notifications: SyncNotifications;
  readonly eventIds: EventIds;
  /** Maximum number of Users that one client may be subscribed to. */
  readonly max: number;
  readonly quota: Pick<WatchQuota, 'roomOf' | 'adjust'>;
  readonly lookups: Pick<LookupBudget, 'charge'>;
}

/** A map or list that a client subscribes to, and the last event of it that the client knows. */
interface SubscriptionRequest {
  readonly objectSid: string;
  readonly lastEventId: number;
}

/** The session of the client, as far as its subscriptions need it. */
export interface SubscriptionOwner extends Viewer {
  readonly serviceSid: string;
  readonly userSid: string;
}

/** Facts of a Service that has been deleted meanwhile. */
const NOT_ENABLED: ServiceReachability = { reachabilityEnabled: false, version: '' };
const TOO_MANY = { status: 429, code: 20429, message: 'Too many subscriptions' };

/** Subscriptions of one client to Sync maps and to its session list: the watch-list of a Twilsock client. */
export class Subscriptions implements Watcher, ProfileWatcher {
  readonly #context: SubscriptionContext;
  readonly #viewer: SubscriptionOwner;
  readonly #serviceSid: string;
  readonly #conversations: string;
  readonly #frames: SubscriptionFrames;
  readonly #sessionList: SessionList;
  readonly #subscribed: SubscribedUsers;
  readonly #access = new SubscriptionAccess();
  /** Changes of the profiles of Users whose subscription is about to start: the profile may have been read before. */
  readonly #changedBeforeStart = new Map<string, (() => void)[]>();
  #hasJoined = false;
  #isReleased = false;

  constructor(
    context: SubscriptionContext,
    owner: SubscriptionOwner,
    queue: Pick<NotificationQueue, 'send' | 'offer' | 'forget'>,
    sessionList: SessionList,
  ) {
    this.#context = context;
    this.#viewer = owner;
    this.#serviceSid = owner.serviceSid;
    this.#conversations = conversationsMapSid(owner.userSid);
    this.#frames = new SubscriptionFrames(context.notifications, context.eventIds, queue);
    this.#subscribed = new SubscribedUsers(context.max, context.quota, owner);
    this.#sessionList = sessionList;
  }

  /** Sends all later notifications in this format. */
  useProtocol(protocol: EventProtocol): void {
    this.#frames.useProtocol(protocol);
    this.#sessionList.useProtocol(protocol);
  }

  /**
   * Returns the flag of the client's Service.
   *
   * @throws EventStoreUnavailableError when the read model is too far behind
   */
  async serviceReachability(): Promise<ServiceReachability> {
    const { publisher } = this.#context;
    if (!this.#hasJoined) await publisher.joinService(this, this.#serviceSid);
    this.#hasJoined = true;
    if (this.#isReleased) publisher.leaveService(this, this.#serviceSid);
    return publisher.serviceReachability(this.#serviceSid) ?? NOT_ENABLED;
  }

  /**
   * Subscribes to objects: sends the changes after the last event that the client knows, then every later one.
   *
   * @throws LimitExceededError `too_many_lookups`; nothing is subscribed then
   * @throws EventStoreUnavailableError when the read model is too far behind; nothing is subscribed then
   */
  async establish(requests: readonly SubscriptionRequest[], correlationId: unknown): Promise<void> {
    const known = new Map<string, number>();
    const decided: SubscriptionOutcome[] = [];
    const { room } = this.#subscribed;
    let added = 0;
    let wantsSession = false;
    for (const { objectSid, lastEventId } of requests) {
      const userSid = userOfMap(objectSid);
      if (objectSid === this.#sessionList.sid) wantsSession = true;
      else if (objectSid === this.#conversations) decided.push({ objectSid, lastEventId });
      else if (userSid === null) decided.push({ objectSid, error: NOT_FOUND });
      else if (this.#subscribed.has(userSid) || known.has(userSid)) known.set(userSid, lastEventId);
      else if (added < room) {
        added += 1;
        known.set(userSid, lastEventId);
      } else decided.push({ objectSid, error: TOO_MANY });
    }
    this.#context.lookups.charge(this.#viewer, added);
    this.#subscribed.charge(added);
    await this.#watch(known, (starts) => {
      this.#frames.sendMissed(starts.flatMap((one) => one.changes));
      if (wantsSession) decided.push(this.#subscribeToSession());
      const all = [...decided, ...starts.map(({ outcome }) => outcome)];
      const established = all.filter(({ error }) => error === undefined);
      const failed = all.filter(({ error }) => error !== undefined);
      this.#frames.sendOutcomes('subscription_established', correlationId, established);
      this.#frames.sendOutcomes('subscription_failed', correlationId, failed);
    });
  }

  cancel(objectSids: readonly string[], correlationId: unknown): void {
    this.#forget(objectSids.flatMap((objectSid) => userOfMap(objectSid) ?? []));
    if (objectSids.includes(this.#sessionList.sid)) this.#sessionList.unsubscribe();
    const outcomes = objectSids.map((objectSid) => ({ objectSid }));
    this.#frames.sendOutcomes('subscription_canceled', correlationId, outcomes);
  }

  /** Ends every subscription. */
  release(): void {
    this.#isReleased = true;
    this.#forget(this.#subscribed.sids);
    this.#context.publisher.leaveService(this, this.#serviceSid);
  }

  userCreated(facts: UserReachability): void {
    this.userChanged(facts);
  }

  userChanged(facts: UserReachability): void {
    if (!this.#viewer.mayWatch(facts.identity)) return;
    this.#subscribed.set(facts.sid, isAnswer(facts));
    this.#frames.offerReachability(facts);
  }

  /** Keeps the subscription: it continues if the User is created again. */
  userDeleted(userSid: string, version: string, identity: string): void {
    if (this.#viewer.mayWatch(identity)) this.#offerNoAnswer(userSid, version);
  }

  /** Sync has no event for a whole Service: sends null for each User whose reachability was not null. */
  serviceChanged(service: ServiceReachability): void {
    const { version } = service;
    this.#sessionList.serviceChanged(service);
    for (const userSid of this.#subscribed.answered) this.#offerNoAnswer(userSid, version);
  }

  profileChanged(
    { userSid, identity }: ChangedUser,
    changed: ProfileItems,
    position: Position,
  ): void {
    if (!this.#subscribed.has(userSid)) {
      const again = (): void => this.profileChanged({ userSid, identity }, changed, position);
      this.#changedBeforeStart.get(userSid)?.push(again);
      return;
    }
    const of = identity ?? this.#identityOf(userSid);
    if (of === null || !this.#viewer.mayWatch(of)) return;
    this.#frames.offerItems(userSid, changed, this.#context.eventIds.of(position));
  }

  /**
   * Applies a change of what the client may watch. A User that it loses looks deleted. One that it gets back continues,
   * with an event that is newer than the one that took it away.
   */
  async accessChanged(): Promise<void> {
    const { publisher, eventIds } = this.#context;
    await publisher.idle();
    if (this.#isReleased) return;
    const now = eventIds.ofVersion(publisher.version);
    const regained = new Map<string, number>();
    for (const userSid of this.#subscribed.sids) {
      const identity = this.#identityOf(userSid);
      if (identity === null) continue;
      const eventId = this.#access.change(userSid, this.#viewer.mayWatch(identity), now);
      if (eventId === null) continue;
      if (this.#viewer.mayWatch(identity)) regained.set(userSid, eventId);
      else this.#hide(userSid, eventId);
    }
    if (regained.size > 0) await this.#showAgain(regained);
  }

  /** @param known sids of Users to watch, with the last event that the client knows of each */
  async #watch(
    known: ReadonlyMap<string, number>,
    onWatching: (starts: readonly SubscriptionStart[]) => void,
  ): Promise<void> {
    const userSids = [...known.keys()];
    const { publisher, profiles, profileFeed } = this.#context;
    for (const sid of userSids) {
      if (!this.#subscribed.has(sid)) this.#changedBeforeStart.set(sid, []);
    }
    profileFeed.watch(this, userSids);
    try {
      await this.serviceReachability();
      const found = await profiles.of(this.#serviceSid, userSids);
      await publisher.watchUsers(this, this.#serviceSid, userSids, (facts) => {
        if (this.#isReleased) return;
        onWatching(
          userSids.map((sid) =>
            this.#buildStart(
              sid,
              known.get(sid) ?? 0,
              facts.get(sid) ?? null,
              found.get(sid) ?? null,
            ),
          ),
        );
        this.#repeatChangesBeforeStart(userSids);
      });
    } finally {
      for (const sid of userSids) this.#changedBeforeStart.delete(sid);
      const unwanted = userSids.filter((sid) => this.#isReleased || !this.#subscribed.has(sid));
      profileFeed.unwatch(this, unwanted);
      publisher.unwatchUsers(this, this.#serviceSid, unwanted);
      if (this.#isReleased) publisher.leaveService(this, this.#serviceSid);
      this.#subscribed.charge();
    }
  }

  /** A client ignores those that its start included. */
  #repeatChangesBeforeStart(userSids: readonly string[]): void {
    for (const sid of userSids) {
      const changes = this.#changedBeforeStart.get(sid) ?? [];
      this.#changedBeforeStart.delete(sid);
      for (const repeat of changes) repeat();
    }
  }

  #buildStart(
    userSid: string,
    lastEventId: number,
    facts: UserReachability | null,
    profile: Profile | null,
  ): SubscriptionStart {
    this.#frames.forget(userSid);
    if (facts === null || profile === null || !this.#viewer.mayWatch(facts.identity)) {
      this.#subscribed.delete(userSid);
      this.#access.forget(userSid);
      return buildStartOfMissingUser(userSid, lastEventId);
    }
    this.#subscribed.set(userSid, isAnswer(facts));
    return buildStart({ facts, profile }, lastEventId, this.#context.eventIds);
  }

  #identityOf(userSid: string): string | null {
    const { publisher } = this.#context;
    return publisher.userReachability(this.#serviceSid, userSid)?.identity ?? null;
  }

  #hide(userSid: string, eventId: number): void {
    this.#subscribed.set(userSid, false);
    this.#frames.forget(userSid);
    this.#frames.offerToThisClient({ userSid, items: { reachability: NO_ANSWER }, eventId });
  }

  /** @param regained Users by sid, each with the least id of the events to send */
  async #showAgain(regained: ReadonlyMap<string, number>): Promise<void> {
    const known = new Map([...regained.keys()].map((userSid) => [userSid, 0]));
    await this.#watch(known, (starts) => {
      for (const { userSid, items, eventId } of starts.flatMap(({ changes }) => changes)) {
        const newEnough = Math.max(eventId, regained.get(userSid) ?? 0);
        this.#frames.offerToThisClient({ userSid, items, eventId: newEnough });
      }
    });
  }

  #offerNoAnswer(userSid: string, version: string): void {
    this.#subscribed.set(userSid, false);
    this.#frames.offerNoAnswer(userSid, version);
  }

  #subscribeToSession(): SubscriptionOutcome {
    const service = this.#context.publisher.serviceReachability(this.#serviceSid) ?? NOT_ENABLED;
    const lastEventId = this.#sessionList.subscribe(service);
    return { objectSid: this.#sessionList.sid, lastEventId };
  }

  #forget(userSids: readonly string[]): void {
    const { publisher, profileFeed } = this.#context;
    for (const sid of userSids) {
      this.#subscribed.delete(sid);
      this.#access.forget(sid);
      this.#frames.forget(sid);
    }
    profileFeed.unwatch(this, userSids);
    publisher.unwatchUsers(this, this.#serviceSid, userSids);
    this.#subscribed.charge();
  }
}

function isAnswer({ isOnline, isNotifiable }: UserReachability): boolean {
  return isOnline !== null || isNotifiable !== null;
}
