import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { EventStore } from '#event-store';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { EVENT_STORE, USERS_READ_MODEL } from '../../platform/injection-tokens.ts';
import { RealtimeMetrics } from '../sockets/realtime-metrics.ts';
import { LogFeed } from './log-feed.ts';
import { LiveStates, type LiveStatesSource } from './live-states.ts';
import { Publication } from './publication.ts';
import type { ServiceFacts, UserFacts } from './user-facts.ts';
import {
  changesSince,
  type PublishedChange,
  type WatchedService,
  type WatchedUser,
} from './watched.ts';
import { WatchedServices } from './watched-services.ts';
import type { Watcher } from './watcher.ts';

export type { LiveStatesSource as Seeds } from './live-states.ts';

/** Milliseconds that a version which another node has told is waited for. */
const STANDING_WAIT_MS = 2_000;

/**
 * Where a version that a client speaks of stands: `seen` by this node; `behind`, for this node has not seen it in
 * time; of another `epoch`; or `beyond` the end of the log.
 */
export type VersionStatus = 'seen' | 'behind' | 'epoch' | 'beyond';

/**
 * Who watches whom. A watched User is seeded from the read model and then kept up to date from the log itself,
 * so a change reaches its watchers without waiting for the read model, and none is missed or told twice.
 */
@Injectable()
export class ChangePublisher implements OnApplicationShutdown {
  readonly #epoch: string;
  readonly #feed: LogFeed;
  readonly #seeding: LiveStates;
  readonly #watched: WatchedServices;
  readonly #telling: Publication;
  readonly #stopping = new AbortController();

  constructor(
    @Inject(EVENT_STORE) { epoch }: Pick<EventStore, 'epoch'>,
    @Inject(USERS_READ_MODEL) readModel: LiveStatesSource,
    progress: ReadModelProgress,
    feed: LogFeed,
    metrics: RealtimeMetrics,
  ) {
    this.#epoch = epoch;
    this.#feed = feed;
    this.#seeding = new LiveStates(readModel, progress, feed);
    this.#watched = new WatchedServices(this.#seeding, metrics);
    this.#telling = new Publication(epoch, this.#watched, this.#seeding, feed, metrics);
  }

  /** Begins to follow the log where the read model stands. */
  async start(): Promise<void> {
    const checkpoint = await this.#seeding.start();
    const { signal } = this.#stopping;
    this.#feed.listen(
      (event) => this.#telling.follow(event, signal),
      (stream, position) => void this.#telling.makeGood(stream, position, signal),
    );
    this.#feed.start(checkpoint);
  }

  onApplicationShutdown(): void {
    this.#stopping.abort();
  }

  /** Everything up to this version has been told to every watcher, and nothing after it. */
  get version(): string {
    return this.#telling.version;
  }

  /** A change has been told to some of its watchers and not yet to others: no time to read what was told. */
  get isPublishing(): boolean {
    return this.#telling.fanOut.isBusy;
  }

  /** Settles once no change is half told; to be asked again then, unless what follows happens at once. */
  settled(): Promise<void> {
    return this.#telling.fanOut.whole();
  }

  async versionStatus(version: string): Promise<VersionStatus> {
    const [epoch, position = ''] = version.split(':');
    if (epoch !== this.#epoch) return 'epoch';
    return this.#feed.standing(position, STANDING_WAIT_MS);
  }

  /**
   * Lets a watcher be told when its Service is switched, which is to be done before it watches Users. Answers how
   * the Service stood then; how it stands by the time that the answer is read, {@link serviceFacts} says.
   *
   * @throws EventStoreUnavailableError when the read model is too far behind to begin from
   */
  joinService(watcher: Watcher, serviceSid: string): Promise<ServiceFacts> {
    return this.#using(serviceSid, [], (_, service) => {
      service.watchers.add(watcher);
      return service.told;
    });
  }

  leaveService(watcher: Watcher, serviceSid: string): void {
    this.#watched.leave(watcher, serviceSid);
  }

  /** How a Service stands that somebody has joined, or watches Users of; null of any other. */
  serviceFacts(serviceSid: string): ServiceFacts | null {
    return this.#watched.get(serviceSid)?.told ?? null;
  }

  /**
   * Adds Users of one Service to what a watcher is told of. `begin` is given how they stand, null for those that
   * do not exist (their creation will be told), at the very moment from which on the watcher is told of changes:
   * a promised answer could be overtaken by the first of them.
   *
   * @throws EventStoreUnavailableError when the read model is too far behind to begin from; `begin` is not called
   */
  async watchUsers(
    watcher: Watcher,
    serviceSid: string,
    userSids: readonly string[],
    begin: (found: ReadonlyMap<string, UserFacts | null>) => void,
  ): Promise<void> {
    await this.#using(serviceSid, userSids, (users) => {
      for (const user of users) user.watchers.add(watcher);
      begin(new Map(users.map(({ sid }) => [sid, this.userFacts(serviceSid, sid)])));
    });
  }

  unwatchUsers(watcher: Watcher, serviceSid: string, userSids: Iterable<string>): void {
    this.#watched.unwatch(watcher, serviceSid, userSids);
  }

  /**
   * How a User stands now, null where it does not exist.
   *
   * @throws EventStoreUnavailableError as {@link watchUsers}
   */
  readUser(serviceSid: string, userSid: string): Promise<UserFacts | null> {
    return this.#using(serviceSid, [userSid], () => this.userFacts(serviceSid, userSid));
  }

  /** How a User stands that somebody watches; null of any other. */
  userFacts(serviceSid: string, userSid: string): UserFacts | null {
    return this.#telling.facts(serviceSid, userSid);
  }

  /** Whether a watcher of a User, or of its Service, was told something after a version, or may have been. */
  hasChangedSince(serviceSid: string, userSid: string, version: string): boolean {
    const service = this.#watched.get(serviceSid);
    const toldAt = service?.users.get(userSid)?.toldAt ?? '';
    return toldAt > version || (service?.told.version ?? '') > version;
  }

  /** What watchers were told of a Service and Users of it after a version, in order, the last of each. */
  changesSince(serviceSid: string, userSids: Iterable<string>, version: string): PublishedChange[] {
    const service = this.#watched.get(serviceSid);
    return service === undefined ? [] : changesSince(service, userSids, version);
  }

  /** Carries out `use` once Users and their Service are seeded and no change is half told. */
  #using<Answer>(
    serviceSid: string,
    userSids: readonly string[],
    use: (users: readonly WatchedUser[], service: WatchedService) => Answer,
  ): Promise<Answer> {
    return this.#watched.using(serviceSid, userSids, async (service, users) => {
      await this.settled();
      this.#telling.begin(service);
      for (const user of users) this.#telling.beginUser(service, user);
      return use(users, service);
    });
  }
}
