import { Logger } from '@nestjs/common';
import { serviceStream, userStream } from '#domain';
import type { Position } from '#event-store';
import { formatVersion, type UsersState } from '#read-model';
import type { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import { FanOut } from './fan-out.ts';
import type { LogEvent, LogFeed } from './log-feed.ts';
import type { LiveStates } from './live-states.ts';
import { addsNothing, factsOf, serviceFactsOf, type UserFacts } from './user-facts.ts';
import { late, spoken, type WatchedService, type WatchedUser } from './watched.ts';
import type { WatchedServices } from './watched-services.ts';
import type { Watcher } from './watcher.ts';

/** Place before the first event. */
const BEFORE_ALL: Position = '0';

/** Tells watchers what the log says of the Users and Services that they watch. */
export class Publication {
  readonly fanOut = new FanOut();
  readonly #logger = new Logger(Publication.name);
  readonly #epoch: string;
  readonly #watched: WatchedServices;
  readonly #seeding: LiveStates;
  readonly #feed: LogFeed;
  readonly #metrics: RealtimeMetrics;

  constructor(
    epoch: string,
    watched: WatchedServices,
    seeding: LiveStates,
    feed: LogFeed,
    metrics: RealtimeMetrics,
  ) {
    this.#epoch = epoch;
    this.#watched = watched;
    this.#seeding = seeding;
    this.#feed = feed;
    this.#metrics = metrics;
  }

  /** Everything up to this version has been told, and nothing after it. */
  get version(): string {
    return formatVersion(this.#epoch, this.#feed.position ?? BEFORE_ALL);
  }

  facts(serviceSid: string, userSid: string): UserFacts | null {
    const user = this.#seeding.get(userStream(userSid));
    const service = this.#seeding.get(serviceStream(serviceSid));
    if (!is(user, 'user') || !is(service, 'service')) return null;
    if (user.serviceSid !== serviceSid || service.deleted) return null;
    return factsOf(this.#epoch, user, service);
  }

  /** What is told of a seeded Service begins with how it stands. */
  begin(service: WatchedService): void {
    const row = this.#seeding.get(serviceStream(service.sid));
    service.told = serviceFactsOf(this.#epoch, is(row, 'service') ? row : null);
  }

  /** As {@link begin}, of a User that nobody watches yet. */
  beginUser(service: WatchedService, user: WatchedUser): void {
    if (user.watchers.size > 0) return;
    user.told = this.facts(service.sid, user.sid);
    user.toldAt = user.told?.version ?? '';
    user.appearedAt = '';
  }

  /** Folds an event and tells of what it changed. The next is to wait for the promise. */
  follow(event: LogEvent, signal: AbortSignal): Promise<void> | undefined {
    // A change that a state seeded anew has brought may be half told.
    if (this.fanOut.isBusy) return this.fanOut.whole().then(() => this.#follow(event, signal));
    return this.#follow(event, signal);
  }

  /**
   * Makes good that the event at a place could not be read: seeds what it touches anew, from the read model, which
   * has dealt with it in its way, and tells of what that changes. Until then what was told stands.
   */
  async makeGood(stream: string, place: Position, signal: AbortSignal): Promise<void> {
    if (!(await this.#seeding.reseed(stream, place, signal))) return;
    for (const service of this.#watched.all()) {
      const user = service.users.get(stream.slice(userStream('').length));
      const concerned = user !== undefined && userStream(user.sid) === stream;
      if (!concerned && serviceStream(service.sid) !== stream) continue;
      await this.fanOut.whole();
      // Whoever was told later events already must not think that this one came before them.
      const at = late(this.version);
      await (concerned ? this.#tellOfUser(service, user, at) : this.#tellOfService(service, at));
    }
  }

  #follow(event: LogEvent, signal: AbortSignal): Promise<void> | undefined {
    const { stream, position } = event;
    try {
      if (!this.#seeding.fold(event)) return undefined;
    } catch (error) {
      this.#logger.error(`Event at ${position} of ${stream} cannot be folded: ${String(error)}`);
      void this.makeGood(stream, position, signal);
      return undefined;
    }
    const { data } = event.event;
    const service = 'serviceSid' in data ? this.#watched.get(data.serviceSid) : undefined;
    if (service === undefined) return undefined;
    const at = formatVersion(this.#epoch, position);
    if (!('userSid' in data)) return this.#tellOfService(service, at);
    const user = service.users.get(data.userSid);
    return user === undefined ? undefined : this.#tellOfUser(service, user, at);
  }

  #tellOfService(service: WatchedService, at: string): Promise<void> | undefined {
    const row = this.#seeding.get(serviceStream(service.sid));
    const before = service.told;
    const after = serviceFactsOf(this.#epoch, is(row, 'service') ? row : null);
    service.told = after;
    if (!is(row, 'service') || row.deleted) return this.#tellOfAll(service, at);
    if (after.version === before.version) return undefined;
    return this.#tell(service.watchers, (watcher) => watcher.serviceChanged(after));
  }

  async #tellOfAll(service: WatchedService, at: string): Promise<void> {
    for (const user of [...service.users.values()]) await this.#tellOfUser(service, user, at);
  }

  #tellOfUser(service: WatchedService, user: WatchedUser, at: string): Promise<void> | undefined {
    const before = user.told;
    const after = this.facts(service.sid, user.sid);
    if (after === null) {
      if (before === null) return undefined;
      Object.assign(user, { told: null, toldAt: at });
      return this.#tell(user.watchers, (watcher) => watcher.userDeleted(user.sid, spoken(at)));
    }
    if (before === null) {
      Object.assign(user, { told: after, toldAt: at, appearedAt: at });
      return this.#tell(user.watchers, (watcher) => watcher.userCreated(after));
    }
    if (addsNothing(before, service.told, after)) return undefined;
    Object.assign(user, { told: after, toldAt: at });
    return this.#tell(user.watchers, (watcher) => watcher.userChanged(after));
  }

  #tell(
    watchers: ReadonlySet<Watcher>,
    say: (watcher: Watcher) => void,
  ): Promise<void> | undefined {
    if (watchers.size === 0) return undefined;
    this.#metrics.deliveries.inc(watchers.size);
    return this.fanOut.tell(watchers, say)?.then(() => undefined);
  }
}

function is<Kind extends UsersState['kind']>(
  state: UsersState | null,
  kind: Kind,
): state is Extract<UsersState, { kind: Kind }> {
  return state?.kind === kind;
}
