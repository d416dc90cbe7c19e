import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { nodeStream } from '#domain';
import {
  EventStoreUnavailableError,
  hasReached,
  retryUntilAborted,
  type BackOff,
  type Position,
} from '#event-store';
import type { Checkpoint } from '#projections';
import { usersProjection, type UsersReadModel, type UsersState } from '#read-model';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import { LogFeed, type LogEvent } from './log-feed.ts';

/** Milliseconds that a load waits until read model and log feed have reached the same position. */
const LOAD_TIMEOUT_MS = 2_000;
/** States read in one turn of the event loop: reading a whole watch-list would block it for tens of milliseconds. */
const READS_PER_TURN = 100;
const RELOAD_RETRIES: BackOff = { baseMs: 100, capMs: 5_000 };

interface LiveState {
  /** Null before the first load, and if the read model has none. */
  state: UsersState | null;
  /** Position up to which `state` includes every event of its stream. */
  position: Position | null;
  /** Events that arrived while the state was being loaded; null once it is loaded. */
  queued: QueuedEvent[] | null;
  /** Calls of retain without their release. */
  references: number;
}

interface QueuedEvent {
  readonly event: LogEvent;
  /** States that the event's fold looks up, as they were when the event arrived. */
  readonly lookups: ReadonlyMap<string, UsersState | null>;
}

/**
 * States of Users, Services and nodes in memory, by stream. Each is loaded from the read model and then kept current
 * from the log by the function that also builds the read model. Events that arrive during a load are queued, and
 * applied to the loaded state.
 */
@Injectable()
export class LiveStates implements OnApplicationShutdown {
  readonly #states = new Map<string, LiveState>();
  /** Loads in progress, by key. */
  readonly #loads = new Map<string, Promise<unknown>>();
  readonly #stopping = new AbortController();

  constructor(
    @Inject(USERS_READ_MODEL)
    private readonly readModel: Pick<UsersReadModel, 'nodes' | 'loadStates'>,
    private readonly progress: ReadModelProgress,
    private readonly feed: LogFeed,
  ) {}

  /** Loads every node. Returns the read model's checkpoint, after which the log is to be followed. */
  async start(): Promise<Checkpoint> {
    const { checkpoint, nodes } = await this.readModel.nodes();
    for (const node of nodes) {
      const key = nodeStream(node.nodeId);
      this.#addReference(key);
      this.#setLoaded(key, node, checkpoint.position);
    }
    return checkpoint;
  }

  onApplicationShutdown(): void {
    this.#stopping.abort();
  }

  get(key: string): UsersState | null {
    return this.#states.get(key)?.state ?? null;
  }

  /**
   * Keeps the states of these keys in memory until {@link release}. Settles once all are loaded.
   *
   * @throws EventStoreUnavailableError when read model or log feed are too far behind; the keys are retained even so
   */
  async retain(keys: readonly string[]): Promise<void> {
    const missing = keys.filter((key) => this.#addReference(key) && !this.#loads.has(key));
    if (missing.length > 0) this.#registerLoad(missing, this.#load(missing, this.feed.position));
    await Promise.all(keys.flatMap((key) => this.#loads.get(key) ?? []));
  }

  /** Undoes one {@link retain} of a key. The last one removes its state. */
  release(key: string): void {
    const live = this.#states.get(key);
    if (live === undefined) return;
    live.references -= 1;
    if (live.references === 0) this.#states.delete(key);
  }

  /** Applies an event to the state of its stream. Returns whether that changed a loaded state. */
  apply(event: LogEvent): boolean {
    if (event.event.type === 'NodeStarted') this.#retainNode(event.stream);
    const live = this.#states.get(event.stream);
    if (live === undefined) return false;
    if (live.queued === null) return this.#evolve(live, event);
    const keys = usersProjection.lookups(event.event);
    live.queued.push({ event, lookups: new Map(keys.map((key) => [key, this.get(key)])) });
    return false;
  }

  /**
   * Reloads a state that misses the event at `position`, after the read model has folded it or made it a dead letter.
   * Keeps the old state until then. Retries until it succeeds or the process stops. Returns false if there was nothing
   * to load, or the process stops.
   */
  async reloadAfterError(key: string, position: Position): Promise<boolean> {
    // A load in progress may have read the state before that event.
    await this.#loads.get(key)?.catch(() => undefined);
    const live = this.#states.get(key);
    if (live?.queued !== null) return false;
    live.queued = [];
    // Later events that were applied before this are not queued: the read model must include them, too.
    const upTo = hasReached(live.position, position) ? live.position : position;
    const { signal } = this.#stopping;
    const reload = (): Promise<void> => this.#load([key], upTo);
    const load = retryUntilAborted(RELOAD_RETRIES, signal, reload, () => undefined);
    this.#registerLoad([key], load);
    await load;
    return !signal.aborted;
  }

  #registerLoad(keys: readonly string[], load: Promise<unknown>): void {
    const registered = load.finally(() => {
      for (const key of keys) if (this.#loads.get(key) === registered) this.#loads.delete(key);
    });
    for (const key of keys) this.#loads.set(key, registered);
    // Callers that await the load get its error. Without any, it must not count as an unhandled rejection.
    registered.catch(() => undefined);
  }

  /**
   * Loads the states of retained keys from the read model once that has reached `position`. Retains the keys itself
   * meanwhile: a key that is released and retained again during the load would get a state that is too old.
   */
  async #load(keys: readonly string[], position: Position | null): Promise<void> {
    for (const key of keys) this.#addReference(key);
    try {
      if (!(await this.progress.waitFor(position, LOAD_TIMEOUT_MS))) {
        throw new EventStoreUnavailableError('The read model is behind');
      }
      let readAt: Position | null = null;
      for (let start = 0; start < keys.length; start += READS_PER_TURN) {
        if (start > 0) await nextTurn();
        readAt = await this.#read(keys.slice(start, start + READS_PER_TURN));
      }
      // Until the feed catches up, these states are ahead of the others: an answer from both would never have been true.
      if (!(await this.feed.waitFor(readAt, LOAD_TIMEOUT_MS))) {
        throw new EventStoreUnavailableError('The log cannot be followed');
      }
    } finally {
      for (const key of keys) this.release(key);
    }
  }

  /** Sets the states of the keys from the read model. Returns the position that they include. */
  async #read(keys: readonly string[]): Promise<Position | null> {
    const { checkpoint, states } = await this.readModel.loadStates(keys);
    for (const key of keys) this.#setLoaded(key, states.get(key) ?? null, checkpoint.position);
    return checkpoint.position;
  }

  /** Adds a reference to one key. Returns true while its state is not loaded. */
  #addReference(key: string): boolean {
    const live = this.#states.get(key);
    if (live === undefined) {
      this.#states.set(key, { state: null, position: null, queued: [], references: 1 });
      return true;
    }
    live.references += 1;
    return live.queued !== null;
  }

  /** Retains a node for good, as there are few. Before its start there is nothing to load. */
  #retainNode(key: string): void {
    if (this.#addReference(key)) this.#setLoaded(key, null, null);
    else this.release(key);
  }

  /** Sets the state of a key that is not loaded yet, then applies the queued events. */
  #setLoaded(key: string, state: UsersState | null, position: Position | null): void {
    const live = this.#states.get(key);
    const queued = live?.queued ?? null;
    if (live === undefined || queued === null) return;
    Object.assign(live, { state, position, queued: null });
    for (const { event, lookups } of queued) this.#evolve(live, event, lookups);
  }

  #evolve(live: LiveState, event: LogEvent, lookups?: QueuedEvent['lookups']): boolean {
    if (hasReached(live.position, event.position)) return false;
    const lookup = (key: string): UsersState | null => lookups?.get(key) ?? this.get(key);
    live.state = usersProjection.evolve(live.state, event, lookup);
    live.position = event.position;
    return true;
  }
}
