import { Inject, Injectable, Logger } from '@nestjs/common';
import { isUserStream, serviceStream, userSidOf, userStream } from '#domain';
import type { EventStore, Position } from '#event-store';
import { formatVersion } from '#read-model';
import type { Tracing } from '#shared/tracing/tracing';
import { LogEntry } from '../../platform/logging/log-entry.ts';
import { EVENT_STORE, TRACING } from '../../platform/injection-tokens.ts';
import { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import { FanOut } from './fan-out.ts';
import { LiveStates } from './live-states.ts';
import { LogFeed, type LogEvent } from './log-feed.ts';
import type { ServiceReachability, UserReachability } from './reachability.ts';
import { serviceReachabilityOf, userReachabilityOf } from './reachability.ts';
import { inPushSpan } from './push-span.ts';
import { WatchedService } from './watched-service.ts';
import type { NotifyWatcher, PublishedChange } from './watched-user.ts';
import { lateVersion, WatchedUser } from './watched-user.ts';
import type { Watcher } from './watcher.ts';

/** Milliseconds that {@link ChangePublisher.sinceStatus} waits for a version that another node has published. */
const VERSION_TIMEOUT_MS = 2_000;

/**
 * Whether this node has published up to a version that a client names: `seen`; `behind`, if not within the timeout;
 * of another `epoch`; or `beyond` the end of the log.
 */
type SinceStatus = 'seen' | 'behind' | 'epoch' | 'beyond';

/**
 * Knows who watches whom, and publishes changes to watchers. States are loaded from the read model, and changes come
 * from the log itself: they do not wait for the read model, and each is published exactly once.
 */
@Injectable()
export class ChangePublisher {
  readonly #logger = new Logger(ChangePublisher.name);
  readonly #fanOut = new FanOut();
  /** By sid: Services with a watcher, a watched User or a pending call. */
  readonly #services = new Map<string, WatchedService>();

  constructor(
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'epoch'>,
    private readonly states: LiveStates,
    private readonly feed: LogFeed,
    private readonly metrics: RealtimeMetrics,
    @Inject(TRACING) private readonly tracing: Tracing | null = null,
  ) {}

  /** Follows the log from the read model's checkpoint on. */
  async start(): Promise<void> {
    const checkpoint = await this.states.start();
    this.feed.onEvent(
      (event) => this.#onEvent(event),
      (stream, position) => void this.#reload(stream, position),
    );
    this.feed.start(checkpoint);
  }

  /** The version up to which every change has been published. Position `0` is before the first event. */
  get version(): string {
    return this.versionOf(this.feed.position ?? '0');
  }

  versionOf(position: Position): string {
    return formatVersion(this.store.epoch, position);
  }

  /** Whether a change has reached some of its watchers and not yet the others. Do not read facts or changes then. */
  get isPublishing(): boolean {
    return this.#fanOut.isDelivering;
  }

  /** Settles once {@link isPublishing} is false. Check again unless you continue synchronously. */
  idle(): Promise<void> {
    return this.#fanOut.idle();
  }

  async sinceStatus(version: string): Promise<SinceStatus> {
    const [epoch, position = ''] = version.split(':');
    if (epoch !== this.store.epoch) return 'epoch';
    return this.feed.positionStatus(position, VERSION_TIMEOUT_MS);
  }

  /**
   * Returns whether this node has published a version that a reader knows, after a wait if need be. The versions of
   * another epoch are void.
   */
  async hasReached(version: string): Promise<boolean> {
    const status = await this.sinceStatus(version);
    return status === 'seen' || status === 'epoch';
  }

  /**
   * Publishes changes of a Service's flag to a watcher from now on. Call it before {@link watchUsers}. Settles with the
   * facts of the moment at which the watcher was added; {@link serviceReachability} returns those of now.
   *
   * @throws EventStoreUnavailableError when the read model is too far behind
   */
  joinService(watcher: Watcher, serviceSid: string): Promise<ServiceReachability> {
    return this.#whenLoaded(serviceSid, [], (service) => {
      service.watchers.add(watcher);
      return service.facts;
    });
  }

  leaveService(watcher: Watcher, serviceSid: string): void {
    const service = this.#services.get(serviceSid);
    if (service?.watchers.delete(watcher) === true) this.#removeUnused(service, []);
  }

  /** Returns the facts of a Service that has watchers; null for any other. */
  serviceReachability(serviceSid: string): ServiceReachability | null {
    return this.#services.get(serviceSid)?.facts ?? null;
  }

  /**
   * Publishes changes of Users of one Service to a watcher. `begin` gets their facts (null for Users that do not
   * exist; their creation will be published) at the very moment from which changes are published. They are not
   * returned as a promise, because the first change could overtake it.
   *
   * @throws EventStoreUnavailableError when the read model is too far behind; `begin` is not called then
   */
  async watchUsers(
    watcher: Watcher,
    serviceSid: string,
    userSids: readonly string[],
    onWatching: (found: ReadonlyMap<string, UserReachability | null>) => void,
  ): Promise<void> {
    await this.#whenLoaded(serviceSid, userSids, (_, users) => {
      for (const user of users) user.watchers.add(watcher);
      onWatching(new Map(users.map(({ sid }) => [sid, this.userReachability(serviceSid, sid)])));
    });
  }

  unwatchUsers(watcher: Watcher, serviceSid: string, userSids: Iterable<string>): void {
    const service = this.#services.get(serviceSid);
    if (service === undefined) return;
    for (const sid of userSids) {
      const user = service.users.get(sid);
      if (user?.watchers.delete(watcher) === true) this.#removeUnused(service, [user]);
    }
  }

  /**
   * Returns the facts of a User; null if it does not exist.
   *
   * @throws EventStoreUnavailableError as {@link watchUsers}
   */
  readUser(serviceSid: string, userSid: string): Promise<UserReachability | null> {
    return this.#whenLoaded(serviceSid, [userSid], () =>
      this.userReachability(serviceSid, userSid),
    );
  }

  /** Returns the facts of a User that has watchers; null for any other. */
  userReachability(serviceSid: string, userSid: string): UserReachability | null {
    const user = this.states.get(userStream(userSid));
    return userReachabilityOf(this.store.epoch, user, this.states.get(serviceStream(serviceSid)));
  }

  /** Whether a change of a User or its Service was published after a version, or may have been. */
  hasChangedSince(serviceSid: string, userSid: string, version: string): boolean {
    const service = this.#services.get(serviceSid);
    if (service === undefined) return false;
    const user = service.users.get(userSid);
    return service.hasChangedSince(version) || user?.hasChangedSince(version) === true;
  }

  /** Returns the changes of a Service and some of its Users published after a version, in order; the last of each. */
  changesSince(serviceSid: string, userSids: Iterable<string>, version: string): PublishedChange[] {
    return this.#services.get(serviceSid)?.changesSince(userSids, version) ?? [];
  }

  /** Calls `use` once a Service and Users of it are loaded, and no change is being delivered. */
  async #whenLoaded<Result>(
    serviceSid: string,
    userSids: readonly string[],
    use: (service: WatchedService, users: readonly WatchedUser[]) => Result,
  ): Promise<Result> {
    const { service, users } = this.#findOrAdd(serviceSid, [...new Set(userSids)]);
    const entries = [service, ...users];
    for (const entry of entries) entry.pendingCalls += 1;
    try {
      await Promise.all(entries.map(({ loaded }) => loaded));
      await this.idle();
      // Facts of watched entries change only as they are published: a reload may have found others already.
      if (service.watchers.size === 0) {
        const state = this.states.get(serviceStream(serviceSid));
        service.facts = serviceReachabilityOf(this.store.epoch, state);
      }
      for (const user of users) {
        if (user.watchers.size === 0) user.reset(this.userReachability(serviceSid, user.sid));
      }
      return use(service, users);
    } finally {
      for (const entry of entries) entry.pendingCalls -= 1;
      this.#removeUnused(service, users);
    }
  }

  /** Returns the entries of a Service and Users of it. Adds those that are missing, and loads their states together. */
  #findOrAdd(serviceSid: string, userSids: readonly string[]) {
    const known = this.#services.get(serviceSid);
    const added = userSids.filter((sid) => known?.users.has(sid) !== true);
    const keys = added.map(userStream);
    if (known === undefined) keys.unshift(serviceStream(serviceSid));
    const loaded = this.states.retain(keys);
    const service = known ?? new WatchedService(serviceSid, loaded);
    this.#services.set(serviceSid, service);
    for (const sid of added) service.users.set(sid, new WatchedUser(sid, loaded));
    this.metrics.watchedUsers.inc(added.length);
    return { service, users: userSids.flatMap((sid) => service.users.get(sid) ?? []) };
  }

  #removeUnused(service: WatchedService, users: readonly WatchedUser[]): void {
    for (const { sid, watchers, pendingCalls } of users) {
      if (watchers.size > 0 || pendingCalls > 0) continue;
      service.users.delete(sid);
      this.states.release(userStream(sid));
      this.metrics.watchedUsers.dec();
    }
    if (service.users.size + service.watchers.size + service.pendingCalls > 0) return;
    this.#services.delete(service.sid);
    this.states.release(serviceStream(service.sid));
  }

  /** Publishes the changes of an event. The feed waits for the promise before it reads the next event. */
  #onEvent(event: LogEvent): Promise<void> | undefined {
    // A change that a reload has found may be half delivered.
    if (this.isPublishing) return this.idle().then(() => this.#publish(event));
    return this.#publish(event);
  }

  #publish(logEvent: LogEvent): Promise<void> | undefined {
    const { event, stream, position } = logEvent;
    try {
      if (!this.states.apply(logEvent)) return undefined;
    } catch (error) {
      this.#logger.error(
        new LogEntry(`Cannot apply the event at ${position} of ${stream}: ${String(error)}`, {
          error,
        }),
      );
      void this.#reload(stream, position);
      return undefined;
    }
    const { data } = event;
    const service = 'serviceSid' in data ? this.#services.get(data.serviceSid) : undefined;
    if (service === undefined) return undefined;
    const version = formatVersion(this.store.epoch, position);
    const user = 'userSid' in data ? service.users.get(data.userSid) : null;
    if (user === undefined) return undefined;
    const publish = (): Promise<void> | undefined =>
      user === null
        ? this.#publishService(service, version)
        : this.#publishUser(service, user, version);
    const { size } = (user ?? service).watchers;
    return this.tracing === null ? publish() : inPushSpan(this.tracing, logEvent, size, publish);
  }

  /** Loads a state again that lacks an event, and publishes the difference. */
  async #reload(stream: string, position: Position): Promise<void> {
    if (!(await this.states.reloadAfterError(stream, position))) return;
    const userSid = isUserStream(stream) ? userSidOf(stream) : '';
    for (const service of this.#services.values()) {
      const user = service.users.get(userSid);
      if (user === undefined && serviceStream(service.sid) !== stream) continue;
      await this.idle();
      // Watchers may know later events already. The change must not seem to be older than those.
      const at = lateVersion(this.version);
      await (user ? this.#publishUser(service, user, at) : this.#publishService(service, at));
    }
  }

  #publishService(service: WatchedService, at: string): Promise<void> | undefined {
    const state = this.states.get(serviceStream(service.sid));
    const notify = service.publish(serviceReachabilityOf(this.store.epoch, state));
    if (state?.kind !== 'service' || state.deleted) return this.#publishEachUser(service, at);
    return this.#deliver(service.watchers, notify);
  }

  async #publishEachUser(service: WatchedService, at: string): Promise<void> {
    for (const user of [...service.users.values()]) await this.#publishUser(service, user, at);
  }

  #publishUser(service: WatchedService, user: WatchedUser, at: string): Promise<void> | undefined {
    const facts = this.userReachability(service.sid, user.sid);
    return this.#deliver(user.watchers, user.publish(facts, service.facts, at));
  }

  #deliver(watchers: ReadonlySet<Watcher>, notify: NotifyWatcher | null) {
    if (notify === null || watchers.size === 0) return undefined;
    this.metrics.deliveries.inc(watchers.size);
    return this.#fanOut.deliver(watchers, notify);
  }
}
