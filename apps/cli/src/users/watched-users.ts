import { nodeStream, serviceStream, userStream, type ReachabilityEvent } from '#domain';
import { type EventStore, type Position, type RecordedEvent } from '#event-store';
import { effectiveTime } from '#projections';
import {
  answerFor,
  formatVersion,
  summarize,
  usersProjection,
  type UsersReadModel,
  type UsersState,
} from '#read-model';

/** What there is to say of a watched User. */
export interface WatchedFacts {
  readonly sid: string;
  readonly identity: string;
  readonly is_online: boolean | null;
  readonly is_notifiable: boolean | null;
  readonly version: string;
}

/** A change of a watched User, and the event that brought it. */
export interface WatchedChange {
  readonly facts: WatchedFacts;
  /** True once the User, or its Service, has been deleted. */
  readonly gone: boolean;
  readonly effectiveAt: string;
  readonly event: ReachabilityEvent;
}

/**
 * Some Users of a Service, kept up to date in memory by the same function that builds the read model: seeded from
 * it once, then folded from the log.
 */
export class WatchedUsers {
  /** Place of the log to follow from. */
  readonly position: Position | null;
  readonly #log: EventStore;
  readonly #serviceKey: string;
  readonly #userKeys: readonly string[];
  readonly #states: Map<string, UsersState | null>;
  readonly #last = new Map<string, WatchedFacts>();
  #effectiveAt: string | null;

  private constructor(
    log: EventStore,
    serviceKey: string,
    userKeys: readonly string[],
    seed: Awaited<ReturnType<UsersReadModel['loadStates']>>,
  ) {
    this.#log = log;
    this.#serviceKey = serviceKey;
    this.#userKeys = userKeys;
    this.#states = new Map(
      [serviceKey, ...userKeys].map((key) => [key, seed.states.get(key) ?? null]),
    );
    this.position = seed.checkpoint.position;
    this.#effectiveAt = seed.checkpoint.effectiveAt;
    for (const key of userKeys) {
      const facts = this.#factsOf(key);
      if (facts !== null) this.#last.set(key, facts);
    }
  }

  static async seed(
    log: EventStore,
    readModel: Pick<UsersReadModel, 'loadStates'>,
    serviceSid: string,
    userSids: readonly string[],
  ): Promise<WatchedUsers> {
    const serviceKey = serviceStream(serviceSid);
    const userKeys = [...new Set(userSids)].map(userStream);
    const seed = await readModel.loadStates([serviceKey, ...userKeys]);
    return new WatchedUsers(log, serviceKey, userKeys, seed);
  }

  /** The Users that are there, as of the last event folded. */
  current(): WatchedFacts[] {
    return this.#userKeys.flatMap((key) => this.#factsOf(key) ?? []);
  }

  /** Folds the next event of the log; answers the changes that it brings. */
  async fold(recorded: RecordedEvent): Promise<WatchedChange[]> {
    const { stream, revision, position, metadata } = recorded;
    this.#effectiveAt = effectiveTime(this.#effectiveAt, metadata.occurredAt);
    if (!this.#states.has(stream)) return [];
    const effectiveAt = this.#effectiveAt;
    const event = usersProjection.registry.decode(recorded);
    for (const key of usersProjection.lookups(event)) await this.#ensure(key, position);
    const projected = { event, stream, revision, position, effectiveAt, metadata };
    const lookup = (key: string): UsersState | null => this.#states.get(key) ?? null;
    this.#states.set(stream, usersProjection.evolve(lookup(stream), projected, lookup));
    const touched = stream === this.#serviceKey ? this.#userKeys : [stream];
    return touched.flatMap((key) => {
      const change = this.#changeOf(key);
      return change === null ? [] : [{ ...change, effectiveAt, event }];
    });
  }

  #changeOf(key: string): Pick<WatchedChange, 'facts' | 'gone'> | null {
    const before = this.#last.get(key);
    const facts = this.#factsOf(key);
    if (facts === null) {
      this.#last.delete(key);
      return before === undefined ? null : { facts: before, gone: true };
    }
    this.#last.set(key, facts);
    const same =
      before?.is_online === facts.is_online && before.is_notifiable === facts.is_notifiable;
    return same ? null : { facts, gone: false };
  }

  #factsOf(key: string): WatchedFacts | null {
    const user = this.#states.get(key);
    const service = this.#states.get(this.#serviceKey);
    if (user?.kind !== 'user' || service?.kind !== 'service' || service.deleted) return null;
    const { isOnline, isNotifiable, position } = answerFor(summarize(user), service);
    return {
      sid: user.sid,
      identity: user.identity,
      is_online: isOnline,
      is_notifiable: isNotifiable,
      version: formatVersion(this.#log.epoch, position),
    };
  }

  /** A node that is looked up for the first time is folded from its own stream, up to where the log is now. */
  async #ensure(key: string, before: Position): Promise<void> {
    if (this.#states.has(key) || !key.startsWith(nodeStream(''))) return;
    let state: UsersState | null = null;
    for await (const recorded of this.#log.readStream(key)) {
      if (recorded.position >= before) break;
      const { stream, revision, position, metadata } = recorded;
      const event = usersProjection.registry.decode(recorded);
      const effectiveAt = metadata.occurredAt;
      const projected = { event, stream, revision, position, effectiveAt, metadata };
      state = usersProjection.evolve(state, projected, () => null);
    }
    this.#states.set(key, state);
  }
}
