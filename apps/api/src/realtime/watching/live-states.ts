import { setImmediate as nextTurn } from 'node:timers/promises';
import { nodeStream } from '#domain';
import { backOff, EventStoreUnavailableError, type Position, type RetryPolicy } from '#event-store';
import type { Checkpoint } from '#projections';
import type { UsersReadModel, UsersState } from '#read-model';
import type { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import type { LogEvent, LogFeed } from './log-feed.ts';
import { TrackedStates } from './tracked-states.ts';

/** Milliseconds that a seed waits for the read model and the feed to have what the other has. */
const SEED_WAIT_MS = 2_000;
/** States read between two turns of the event loop: a whole watch-list would keep it for tens of milliseconds. */
const READ_AT_ONCE = 100;
/** Waits between attempts to seed again what lacks an event. */
const RETRY: RetryPolicy = { attempts: Infinity, baseMs: 100, capMs: 5_000 };

/** What of the read model it takes to begin from. */
export type LiveStatesSource = Pick<UsersReadModel, 'nodes' | 'seed'>;

/** The states behind what is watched: seeded from the read model, then kept up to date from the log itself. */
export class LiveStates {
  readonly #readModel: LiveStatesSource;
  readonly #progress: ReadModelProgress;
  readonly #feed: LogFeed;
  readonly #states = new TrackedStates();
  /** By key, while it is being seeded. */
  readonly #seeding = new Map<string, Promise<void>>();

  constructor(readModel: LiveStatesSource, progress: ReadModelProgress, feed: LogFeed) {
    this.#readModel = readModel;
    this.#progress = progress;
    this.#feed = feed;
  }

  /** Takes in every node; answers where following the log begins. */
  async start(): Promise<Checkpoint> {
    const { checkpoint, nodes } = await this.#readModel.nodes();
    for (const node of nodes) {
      const key = nodeStream(node.nodeId);
      this.#states.retain(key);
      this.#states.seed(key, node, checkpoint.position);
    }
    return checkpoint;
  }

  get(key: string): UsersState | null {
    return this.#states.get(key);
  }

  /** Folds an event; true when it changed a state that is in use and seeded. */
  fold(event: LogEvent): boolean {
    if (event.event.type === 'NodeStarted') this.#keepNode(event.stream);
    return this.#states.fold(event);
  }

  /**
   * Uses the keys; settles once all of them are seeded, by this call or one before it.
   *
   * @throws EventStoreUnavailableError when the read model is too far behind to begin from
   */
  async retain(keys: readonly string[]): Promise<void> {
    const unseeded = keys.filter((key) => this.#states.retain(key));
    const missing = unseeded.filter((key) => !this.#seeding.has(key));
    if (missing.length > 0) this.#register(missing, this.#seed(missing, this.#feed.position));
    await Promise.all(keys.flatMap((key) => this.#seeding.get(key) ?? []));
  }

  release(key: string): void {
    this.#states.release(key);
  }

  /**
   * Makes good a state that lacks the event at a place, which the read model has dealt with in its way. Settles
   * once that is done, however long it takes; false where there is nothing to make good.
   */
  async reseed(key: string, place: Position, signal: AbortSignal): Promise<boolean> {
    // A seed under way may be of before the event: the next one is not.
    await this.#seeding.get(key)?.catch(() => undefined);
    if (!this.#states.unsettle(key)) return false;
    const seeding = this.#seedAtLast(key, place, signal);
    this.#register([key], seeding);
    await seeding;
    return !signal.aborted;
  }

  async #seedAtLast(key: string, place: Position, signal: AbortSignal): Promise<void> {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        await this.#seed([key], place);
        return;
      } catch {
        await backOff(RETRY, failures, signal);
      }
    }
  }

  #register(keys: readonly string[], seeding: Promise<void>): void {
    const registered = seeding.finally(() => {
      for (const key of keys) {
        if (this.#seeding.get(key) === registered) this.#seeding.delete(key);
      }
    });
    for (const key of keys) this.#seeding.set(key, registered);
    // Whoever waits for it hears of its failure; that nobody waits is no failure of its own.
    registered.catch(() => undefined);
  }

  /** Uses the keys itself for as long as it takes: the seed of a key that was let go meanwhile would be too old. */
  async #seed(keys: readonly string[], place: Position | null): Promise<void> {
    for (const key of keys) this.#states.retain(key);
    try {
      if (!(await this.#progress.waitFor(place, SEED_WAIT_MS))) {
        throw new EventStoreUnavailableError('The read model is behind');
      }
      let last: Position | null = null;
      for (let start = 0; start < keys.length; start += READ_AT_ONCE) {
        if (start > 0) await nextTurn();
        last = await this.#read(keys.slice(start, start + READ_AT_ONCE));
      }
      // Until then these states are ahead of others, and an answer from both would be one that never was.
      if (!(await this.#feed.hasSeen(last, SEED_WAIT_MS))) {
        throw new EventStoreUnavailableError('The log cannot be followed');
      }
    } finally {
      for (const key of keys) this.#states.release(key);
    }
  }

  /** Takes in what the read model says of the keys; answers where it stands. */
  async #read(keys: readonly string[]): Promise<Position | null> {
    const { checkpoint, states } = await this.#readModel.seed(keys);
    for (const key of keys) {
      this.#states.seed(key, states.get(key) ?? null, checkpoint.position);
    }
    return checkpoint.position;
  }

  /** Nodes are few and are kept for good, from their first start on. */
  #keepNode(key: string): void {
    if (this.#states.retain(key)) this.#states.seed(key, null, null);
    else this.#states.release(key);
  }
}
