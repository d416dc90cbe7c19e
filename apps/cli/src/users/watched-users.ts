import { nodeStream, serviceStream, userStream, type ReachabilityEvent } from '#domain';
import { type EventStore, type Position, type RecordedEvent } from '#event-store';
import { effectiveTime, toProjectedEvent } from '#projections';
import {
  answerFor,
  formatVersion,
  summarize,
  usersProjection,
  type UsersReadModel,
  type UsersState,
} from '#read-model';

/** The reachability of a watched User. */
export interface WatchedFacts {
  readonly sid: string;
  readonly identity: string;
  readonly is_online: boolean | null;
  readonly is_notifiable: boolean | null;
  readonly version: string;
}

/** A change of a watched User, and the event that caused it. */
export interface WatchedChange {
  readonly facts: WatchedFacts;
  /** True if the User or its Service was deleted. */
  readonly deleted: boolean;
  readonly effectiveAt: string;
  readonly event: ReachabilityEvent;
}

/**
 * Users of a Service in memory, kept up to date by the projection that builds the read model: loaded from the read
 * model once, then folded from the log.
 */
export class WatchedUsers {
  /** Position of the last event that the loaded states include. */
  readonly position: Position | null;
  readonly #log: EventStore;
  readonly #serviceKey: string;
  readonly #userKeys: readonly string[];
  readonly #states: Map<string, UsersState | null>;
  readonly #lastFacts = new Map<string, WatchedFacts>();
  #effectiveAt: string | null;

  private constructor(
    log: EventStore,
    serviceKey: string,
    userKeys: readonly string[],
    loaded: Awaited<ReturnType<UsersReadModel['loadStates']>>,
  ) {
    this.#log = log;
    this.#serviceKey = serviceKey;
    this.#userKeys = userKeys;
    this.#states = new Map(
      [serviceKey, ...userKeys].map((key) => [key, loaded.states.get(key) ?? null]),
    );
    this.position = loaded.checkpoint.position;
    this.#effectiveAt = loaded.checkpoint.effectiveAt;
    for (const key of userKeys) {
      const facts = this.#factsOf(key);
      if (facts !== null) this.#lastFacts.set(key, facts);
    }
  }

  /** Returns the Users with these sids, as the read model has them. */
  static async load(
    log: EventStore,
    readModel: Pick<UsersReadModel, 'loadStates'>,
    serviceSid: string,
    userSids: readonly string[],
  ): Promise<WatchedUsers> {
    const serviceKey = serviceStream(serviceSid);
    const userKeys = [...new Set(userSids)].map(userStream);
    const loaded = await readModel.loadStates([serviceKey, ...userKeys]);
    return new WatchedUsers(log, serviceKey, userKeys, loaded);
  }

  /** Returns the Users that exist, as of the last folded event. */
  current(): WatchedFacts[] {
    return this.#userKeys.flatMap((key) => this.#factsOf(key) ?? []);
  }

  /** Folds the next event of the log; returns the changes that it causes. */
  async fold(recorded: RecordedEvent): Promise<WatchedChange[]> {
    const { stream, position, metadata } = recorded;
    this.#effectiveAt = effectiveTime(this.#effectiveAt, metadata);
    if (!this.#states.has(stream)) return [];
    const effectiveAt = this.#effectiveAt;
    const event = usersProjection.registry.decode(recorded);
    for (const key of usersProjection.lookups(event)) await this.#loadNode(key, position);
    const projected = toProjectedEvent(recorded, event, effectiveAt);
    const lookup = (key: string): UsersState | null => this.#states.get(key) ?? null;
    this.#states.set(stream, usersProjection.evolve(lookup(stream), projected, lookup));
    const touched = stream === this.#serviceKey ? this.#userKeys : [stream];
    return touched.flatMap((key) => {
      const change = this.#changeOf(key);
      return change === null ? [] : [{ ...change, effectiveAt, event }];
    });
  }

  #changeOf(key: string): Pick<WatchedChange, 'facts' | 'deleted'> | null {
    const before = this.#lastFacts.get(key);
    const facts = this.#factsOf(key);
    if (facts === null) {
      this.#lastFacts.delete(key);
      return before === undefined ? null : { facts: before, deleted: true };
    }
    this.#lastFacts.set(key, facts);
    const same =
      before?.is_online === facts.is_online && before.is_notifiable === facts.is_notifiable;
    return same ? null : { facts, deleted: false };
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

  /** Folds a node from its own stream, up to the current event, when it is looked up for the first time. */
  async #loadNode(key: string, before: Position): Promise<void> {
    if (this.#states.has(key) || !key.startsWith(nodeStream(''))) return;
    let state: UsersState | null = null;
    for await (const recorded of this.#log.readStream(key)) {
      if (recorded.position >= before) break;
      const event = usersProjection.registry.decode(recorded);
      const projected = toProjectedEvent(recorded, event, recorded.metadata.occurredAt);
      state = usersProjection.evolve(state, projected, () => null);
    }
    this.#states.set(key, state);
  }
}
