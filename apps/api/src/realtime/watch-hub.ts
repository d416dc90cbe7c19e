import { Inject, Injectable } from '@nestjs/common';
import { nodeStream, serviceStream, userStream } from '#domain';
import { EventStoreUnavailableError, type EventStore } from '#event-store';
import { formatVersion, type UsersReadModel, type UsersState } from '#read-model';
import { ReadModelProgress } from '../infrastructure/read-model-progress.ts';
import { EVENT_STORE, USERS_READ_MODEL } from '../infrastructure/tokens.ts';
import { LogFeed, type LogEvent } from './log-feed.ts';
import { TrackedStates } from './tracked-states.ts';
import { factsOf, sameAnswer, type UserFacts } from './user-facts.ts';
import type { Watcher } from './watcher.ts';

/** Milliseconds that a new watch waits for the read model and the feed to have what the other has. */
const SEED_WAIT_MS = 2_000;

/** What of the read model it takes to begin from. */
export type Seeds = Pick<UsersReadModel, 'nodes' | 'seed'>;

interface WatchedUser {
  readonly serviceSid: string;
  readonly sid: string;
  readonly watchers: Set<Watcher>;
  /** Calls of `watch` that wait for the seed. */
  pending: number;
  /** What the watchers were last told; null while there is no such User. */
  told: UserFacts | null;
  /** Settles once the states of the User and its Service are seeded. */
  readonly seeded: Promise<void>;
}

/**
 * Who watches whom. A watched User is seeded from the read model and then kept up to date from the log itself,
 * so a change reaches its watchers without waiting for the read model, and none is missed or told twice.
 */
@Injectable()
export class WatchHub {
  readonly #epoch: string;
  readonly #readModel: Seeds;
  readonly #progress: ReadModelProgress;
  readonly #feed: LogFeed;
  readonly #states = new TrackedStates();
  /** By Service, then by User: what one Service's clients watch never touches another's. */
  readonly #services = new Map<string, Map<string, WatchedUser>>();
  readonly #seeding = new Map<string, Promise<void>>();

  constructor(
    @Inject(EVENT_STORE) { epoch }: Pick<EventStore, 'epoch'>,
    @Inject(USERS_READ_MODEL) readModel: Seeds,
    progress: ReadModelProgress,
    feed: LogFeed,
  ) {
    this.#epoch = epoch;
    this.#readModel = readModel;
    this.#progress = progress;
    this.#feed = feed;
  }

  /** Begins to follow the log where the read model stands. */
  async start(): Promise<void> {
    const { checkpoint, nodes } = await this.#readModel.nodes();
    for (const node of nodes) {
      const key = nodeStream(node.nodeId);
      this.#states.retain(key);
      this.#states.seed(key, node, checkpoint.position);
    }
    this.#feed.listen((event) => this.#follow(event));
    this.#feed.start(checkpoint);
  }

  /**
   * Adds Users of one Service to what a watcher is told of. `begin` is given how they stand, null for those that
   * do not exist (their creation will be told), at the very moment from which on the watcher is told of changes:
   * a promised answer could be overtaken by the first of them.
   *
   * @throws EventStoreUnavailableError when the read model is too far behind to begin from; `begin` is not called
   */
  async watch(
    watcher: Watcher,
    serviceSid: string,
    userSids: readonly string[],
    begin: (found: ReadonlyMap<string, UserFacts | null>) => void,
  ): Promise<void> {
    const users = this.#track(serviceSid, [...new Set(userSids)]);
    for (const user of users) user.pending += 1;
    try {
      await Promise.all(users.map(({ seeded }) => seeded));
      for (const user of users) {
        if (user.watchers.size === 0) user.told = this.#facts(user);
        user.watchers.add(watcher);
      }
      begin(new Map(users.map(({ sid, told }) => [sid, told])));
    } finally {
      for (const user of users) {
        user.pending -= 1;
        this.#forgetIfUnused(user);
      }
    }
  }

  unwatch(watcher: Watcher, serviceSid: string, userSids: Iterable<string>): void {
    for (const sid of userSids) {
      const user = this.#services.get(serviceSid)?.get(sid);
      if (user?.watchers.delete(watcher) === true) this.#forgetIfUnused(user);
    }
  }

  /** The Users' entries, made where they are missing; all that is missing is seeded by one read. */
  #track(serviceSid: string, userSids: readonly string[]): WatchedUser[] {
    const ofService = this.#services.get(serviceSid) ?? new Map<string, WatchedUser>();
    const fresh = userSids.filter((sid) => !ofService.has(sid));
    if (fresh.length > 0) {
      this.#services.set(serviceSid, ofService);
      const seeded = this.#seed([serviceStream(serviceSid), ...fresh.map(userStream)]);
      for (const sid of fresh) {
        this.#states.retain(serviceStream(serviceSid));
        ofService.set(sid, {
          serviceSid,
          sid,
          watchers: new Set(),
          pending: 0,
          told: null,
          seeded,
        });
      }
      this.#states.release(serviceStream(serviceSid));
    }
    return userSids.flatMap((sid) => ofService.get(sid) ?? []);
  }

  /** Uses the keys; settles once all of them are seeded, by this call or one before it. */
  async #seed(keys: readonly string[]): Promise<void> {
    const unseeded = keys.filter((key) => this.#states.retain(key));
    const missing = unseeded.filter((key) => !this.#seeding.has(key));
    if (missing.length > 0) {
      const seeding = this.#seedMissing(missing);
      for (const key of missing) this.#seeding.set(key, seeding);
    }
    await Promise.all(keys.flatMap((key) => this.#seeding.get(key) ?? []));
  }

  /** Uses the keys itself for as long as it takes: the seed of a key that was let go meanwhile would be too old. */
  async #seedMissing(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#states.retain(key);
    try {
      if (!(await this.#progress.waitFor(this.#feed.position, SEED_WAIT_MS))) {
        throw new EventStoreUnavailableError('The read model is behind');
      }
      const { checkpoint, states } = await this.#readModel.seed(keys);
      for (const key of keys) {
        this.#states.seed(key, states.get(key) ?? null, checkpoint.position);
      }
      // Until then these states are ahead of others, and an answer from both would be one that never was.
      if (!(await this.#feed.hasSeen(checkpoint.position, SEED_WAIT_MS))) {
        throw new EventStoreUnavailableError('The log cannot be followed');
      }
    } finally {
      for (const key of keys) {
        this.#seeding.delete(key);
        this.#states.release(key);
      }
    }
  }

  #forgetIfUnused({ serviceSid, sid, watchers, pending }: WatchedUser): void {
    if (watchers.size > 0 || pending > 0) return;
    const ofService = this.#services.get(serviceSid);
    if (ofService?.delete(sid) !== true) return;
    if (ofService.size === 0) this.#services.delete(serviceSid);
    this.#states.release(userStream(sid));
    this.#states.release(serviceStream(serviceSid));
  }

  #follow(event: LogEvent): void {
    if (event.event.type === 'NodeStarted') this.#keepNode(event.stream);
    if (!this.#states.fold(event)) return;
    const { data } = event.event;
    if (!('serviceSid' in data)) return;
    const ofService = this.#services.get(data.serviceSid);
    if (ofService === undefined) return;
    if (!('userSid' in data)) for (const user of ofService.values()) this.#tell(user, event);
    else {
      const user = ofService.get(data.userSid);
      if (user !== undefined) this.#tell(user, event);
    }
  }

  /** Nodes are few and are kept for good, from their first start on. */
  #keepNode(key: string): void {
    if (this.#states.retain(key)) this.#states.seed(key, null, null);
    else this.#states.release(key);
  }

  #tell(user: WatchedUser, { position }: LogEvent): void {
    const before = user.told;
    const after = this.#facts(user);
    user.told = after;
    if (after === null) {
      if (before === null) return;
      const version = formatVersion(this.#epoch, position);
      for (const watcher of user.watchers) watcher.gone(user.sid, version);
    } else if (before === null) {
      for (const watcher of user.watchers) watcher.appeared(after);
    } else if (!sameAnswer(before, after)) {
      for (const watcher of user.watchers) watcher.changed(after);
    }
  }

  #facts({ sid, serviceSid }: WatchedUser): UserFacts | null {
    const user = this.#states.get(userStream(sid));
    const service = this.#states.get(serviceStream(serviceSid));
    if (!is(user, 'user') || !is(service, 'service')) return null;
    if (user.serviceSid !== serviceSid || service.deleted) return null;
    return factsOf(this.#epoch, user, service);
  }
}

function is<Kind extends UsersState['kind']>(
  state: UsersState | null,
  kind: Kind,
): state is Extract<UsersState, { kind: Kind }> {
  return state?.kind === kind;
}
