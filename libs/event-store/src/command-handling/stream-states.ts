import { LRUCache } from 'lru-cache';
import type { Aggregate, DomainEvent } from '#domain';
import type { EventStore, StoredStream } from '../event-store.ts';
import {
  emptyStream,
  foldRecorded,
  fromSnapshot,
  toSnapshot,
  type StreamState,
} from './stream-state.ts';

export interface StreamStatesOptions {
  /** Folded streams kept in memory; 50,000 by default. */
  readonly cacheSize?: number;
  /** A stream gets a new snapshot once this many of its events stand after the last; 100 by default. */
  readonly snapshotEvery?: number;
  /** Told of a snapshot that could not be saved: the next command merely reads more. */
  readonly onSnapshotError?: (stream: string, error: unknown) => void;
}

/** Streams read at a time where the store cannot read many at once. */
const READ_SIDE_BY_SIDE = 32;

/**
 * Streams of one aggregate folded to their ends: in memory those of late, the others from a snapshot and what
 * stands after it.
 */
export class StreamStates<State, Command, Event extends DomainEvent> {
  readonly #aggregate: Aggregate<State, Command, Event>;
  readonly #store: EventStore;
  readonly #cache: LRUCache<string, StreamState<State>>;
  readonly #snapshotEvery: number;
  readonly #onSnapshotError: (stream: string, error: unknown) => void;

  constructor(
    aggregate: Aggregate<State, Command, Event>,
    store: EventStore,
    options: StreamStatesOptions,
  ) {
    this.#aggregate = aggregate;
    this.#store = store;
    this.#cache = new LRUCache({ max: options.cacheSize ?? 50_000 });
    this.#snapshotEvery = options.snapshotEvery ?? 100;
    this.#onSnapshotError = options.onSnapshotError ?? (() => undefined);
  }

  /** A stream as this process last saw it; another may have written to it since. */
  remembered(stream: string): StreamState<State> | undefined {
    return this.#cache.get(stream);
  }

  /** A stream folded to its end. */
  async load(stream: string): Promise<StreamState<State>> {
    const start = this.#cache.get(stream) ?? this.#start(await this.#store.snapshots.load(stream));
    const from = start.revision === 'no_stream' ? 0 : start.revision + 1;
    let folded = start;
    for await (const recorded of this.#store.readStream(stream, { from })) {
      folded = foldRecorded(this.#aggregate, folded, recorded);
    }
    this.keep(stream, folded);
    return folded;
  }

  /** Brings streams into memory that are not there, in few reads where the store can read many at once. */
  async preload(streams: readonly string[]): Promise<void> {
    const missing = [...new Set(streams)].filter((stream) => !this.#cache.has(stream));
    const loaded = await this.#store.loadStreams?.(missing, this.#aggregate.snapshotVersion);
    if (loaded === undefined) await this.#loadSideBySide(missing);
    else loaded.forEach((stored, index) => this.#take(missing[index] ?? '', stored));
  }

  /**
   * Keeps a folded stream in memory, and in a snapshot when one is due. Reading counts as much as appending, so
   * a snapshot that is missing (import, failed save, raised version) is made good by the first load.
   */
  keep(stream: string, folded: StreamState<State>): void {
    const due = folded.unsaved >= this.#snapshotEvery;
    this.#cache.set(stream, due ? { ...folded, unsaved: 0 } : folded);
    if (due) void this.#saveSnapshot(stream, folded);
  }

  /** What came into memory while the stream was being read is as new, or newer. */
  #take(stream: string, { snapshot, events }: StoredStream): void {
    if (this.#cache.has(stream)) return;
    const fold = (state: StreamState<State>, recorded: (typeof events)[number]) =>
      foldRecorded(this.#aggregate, state, recorded);
    this.keep(stream, events.reduce(fold, this.#start(snapshot)));
  }

  async #loadSideBySide(streams: readonly string[]): Promise<void> {
    const rest = streams.values();
    const work = async (): Promise<void> => {
      for (const stream of rest) await this.load(stream);
    };
    await Promise.all(Array.from({ length: READ_SIDE_BY_SIDE }, work));
  }

  #start(snapshot: StoredStream['snapshot']): StreamState<State> {
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
