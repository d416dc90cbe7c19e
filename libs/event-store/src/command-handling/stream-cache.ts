import { LRUCache } from 'lru-cache';
import type { Aggregate, DomainEvent } from '#domain';
import { batchedReads } from '../batched-reads.ts';
import type { RecordedEvent } from '../envelope.ts';
import type { EventStore, StoredStream } from '../event-store.ts';
import {
  emptyStream,
  foldEvent,
  fromSnapshot,
  toSnapshot,
  type StreamState,
} from './stream-state.ts';

export interface StreamCacheOptions {
  /** Maximum number of streams kept in memory; 50,000 by default. */
  readonly cacheSize?: number;
  /** Events after the latest snapshot of a stream that trigger a new one; 100 by default. */
  readonly snapshotEvery?: number;
  /** Called when a snapshot could not be saved. The only effect is that a later command reads more events. */
  readonly onSnapshotError?: (stream: string, error: unknown) => void;
}

/** Streams read concurrently if the store has no `loadStreams`. */
const CONCURRENT_READS = 32;

/**
 * The streams of one aggregate, folded to their ends. Streams used lately are in memory; the others are loaded from
 * a snapshot and the events after it.
 */
export class StreamCache<State, Command, Event extends DomainEvent> {
  readonly #aggregate: Aggregate<State, Command, Event>;
  readonly #store: EventStore;
  readonly #cache: LRUCache<string, StreamState<State>>;
  readonly #snapshotEvery: number;
  readonly #onSnapshotError: (stream: string, error: unknown) => void;
  /** Reads streams together that are asked for in one turn of the event loop; null if the store cannot. */
  readonly #read: ((stream: string) => Promise<StoredStream>) | null;

  constructor(
    aggregate: Aggregate<State, Command, Event>,
    store: EventStore,
    options: StreamCacheOptions,
  ) {
    this.#aggregate = aggregate;
    this.#store = store;
    this.#cache = new LRUCache({ max: options.cacheSize ?? 50_000 });
    this.#snapshotEvery = options.snapshotEvery ?? 100;
    this.#onSnapshotError = options.onSnapshotError ?? (() => undefined);
    const { snapshotVersion } = aggregate;
    const loadStreams = store.loadStreams?.bind(store);
    this.#read =
      loadStreams === undefined
        ? null
        : batchedReads((streams) => loadStreams(streams, snapshotVersion));
  }

  /** A stream as this process last saw it. Another process may have appended to it since. */
  cached(stream: string): StreamState<State> | undefined {
    return this.#cache.get(stream);
  }

  /** Loads a stream and folds it to its end. */
  async load(stream: string): Promise<StreamState<State>> {
    const cached = this.#cache.get(stream);
    if (cached === undefined && this.#read !== null) {
      return this.#loadRest(stream, await this.#read(stream));
    }
    return this.#loadAfter(
      stream,
      cached ?? this.#startFrom(await this.#store.snapshots.load(stream)),
    );
  }

  /** Loads the streams that are not in memory, in few reads if the store can load many at once. */
  async preload(streams: readonly string[]): Promise<void> {
    const missing = [...new Set(streams)].filter((stream) => !this.#cache.has(stream));
    const loaded = await this.#store.loadStreams?.(missing, this.#aggregate.snapshotVersion);
    if (loaded === undefined) await this.#loadConcurrently(missing);
    else
      for (const [index, stored] of loaded.entries()) await this.#add(missing[index] ?? '', stored);
  }

  /**
   * Keeps a folded stream in memory, and saves a snapshot when one is due. Events that were read count like events
   * that were appended, so the first load replaces a missing snapshot (import, failed save, increased version).
   */
  put(stream: string, folded: StreamState<State>): void {
    const due = folded.eventsSinceSnapshot >= this.#snapshotEvery;
    this.#cache.set(stream, due ? { ...folded, eventsSinceSnapshot: 0 } : folded);
    if (due) void this.#saveSnapshot(stream, folded);
  }

  /** A state that came into the cache while this one was being loaded is at least as new, so it stays. */
  async #add(stream: string, stored: StoredStream): Promise<void> {
    if (!this.#cache.has(stream)) await this.#loadRest(stream, stored);
  }

  /** Folds what was read of a stream, and the rest of it where that is not all. */
  async #loadRest(
    stream: string,
    { snapshot, events, isComplete }: StoredStream,
  ): Promise<StreamState<State>> {
    const fold = (state: StreamState<State>, recorded: RecordedEvent) =>
      foldEvent(this.#aggregate, state, recorded);
    const folded = events.reduce(fold, this.#startFrom(snapshot));
    if (!isComplete) return this.#loadAfter(stream, folded);
    this.put(stream, folded);
    return folded;
  }

  /** Folds the events of a stream after a state of it. */
  async #loadAfter(stream: string, start: StreamState<State>): Promise<StreamState<State>> {
    const from = start.revision === 'no_stream' ? 0 : start.revision + 1;
    let folded = start;
    for await (const recorded of this.#store.readStream(stream, { from })) {
      folded = foldEvent(this.#aggregate, folded, recorded);
    }
    this.put(stream, folded);
    return folded;
  }

  async #loadConcurrently(streams: readonly string[]): Promise<void> {
    const rest = streams.values();
    const work = async (): Promise<void> => {
      for (const stream of rest) await this.load(stream);
    };
    await Promise.all(Array.from({ length: CONCURRENT_READS }, work));
  }

  #startFrom(snapshot: StoredStream['snapshot']): StreamState<State> {
    const { decider, snapshotVersion } = this.#aggregate;
    return fromSnapshot<State>(snapshot, snapshotVersion) ?? emptyStream(decider.initialState);
  }

  async #saveSnapshot(stream: string, folded: StreamState<State>): Promise<void> {
    const snapshot = toSnapshot(folded, this.#aggregate.snapshotVersion);
    if (snapshot === null) return;
    try {
      await this.#store.snapshots.save(stream, snapshot);
    } catch (error) {
      this.#onSnapshotError(stream, error);
    }
  }
}
