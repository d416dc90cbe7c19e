import type { EventStore, Position, RecordedEvent, SubscriptionMessage } from '#event-store';
import { foldBatch, START, type Checkpoint } from '#projections';
import { usersProjection, type UsersState } from '#read-model';
import type { InMemoryEventStore } from './in-memory-event-store.ts';

type SubscribeOptions = Parameters<EventStore['subscribe']>[0];

/** States of all keys after these events. */
export async function statesAfter(
  events: readonly RecordedEvent[],
): Promise<ReadonlyMap<string, UsersState>> {
  const { changes } = await foldBatch(usersProjection, async () => new Map(), events, START);
  return new Map([...changes].flatMap(([key, state]) => (state === null ? [] : [[key, state]])));
}

/** The log of a store. Followers see only the events that the test has released. */
export class ManualLog {
  /** Maps each event before followers get it. */
  transform: (event: RecordedEvent) => RecordedEvent = (event) => event;
  readonly #store: InMemoryEventStore;
  readonly #waiting = new Set<() => void>();
  #seen = 0;

  constructor(store: InMemoryEventStore) {
    this.#store = store;
  }

  /** The released events. */
  get shown(): readonly RecordedEvent[] {
    return this.#store.log.slice(0, this.#seen);
  }

  /** Releases more events, all by default. Returns the position of the last released one. */
  show(events = Infinity): Position | null {
    this.#seen = Math.min(this.#seen + events, this.#store.log.length);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    return this.shown.at(-1)?.position ?? null;
  }

  head(): Promise<Position | null> {
    return this.#store.head();
  }

  eventIdAt(position: Position): Promise<string | null> {
    return this.#store.eventIdAt(position);
  }

  async *subscribe({
    after = null,
    signal,
  }: SubscribeOptions = {}): AsyncGenerator<SubscriptionMessage> {
    let last = after ?? '';
    while (signal?.aborted !== true) {
      for (const event of this.shown.filter(({ position }) => position > last)) {
        last = event.position;
        yield { kind: 'event', event: this.transform(event) };
      }
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve);
        signal?.addEventListener('abort', () => resolve());
        // The abort may have come while the last event was handled.
        if (signal?.aborted === true || (this.shown.at(-1)?.position ?? '') > last) resolve();
      });
    }
  }
}

/** The `users` read model of a log. It advances only when the test tells it to. */
export class ManualReadModel {
  /** Awaited before and after each load of states. */
  beforeSeed: () => Promise<void> | void = () => undefined;
  afterSeed: () => Promise<void> | void = () => undefined;
  /** The keys of each seed so far. */
  readonly seeds: (readonly string[])[] = [];
  readonly #store: InMemoryEventStore;
  #projected = 0;

  constructor(store: InMemoryEventStore) {
    this.#store = store;
  }

  /** Advances by some events, to the end by default. Returns the position of the last one. */
  advance(events = Infinity): Position | null {
    this.#projected = Math.min(this.#projected + events, this.#store.log.length);
    return this.#checkpoint().position;
  }

  checkpoint(): Promise<Checkpoint> {
    return Promise.resolve(this.#checkpoint());
  }

  async nodes() {
    const checkpoint = this.#checkpoint();
    const states = [...(await this.#states()).values()];
    return { checkpoint, nodes: states.filter((state) => state.kind === 'node') };
  }

  async loadStates(keys: readonly string[]) {
    this.seeds.push(keys);
    await this.beforeSeed();
    const checkpoint = this.#checkpoint();
    const states = [...(await this.#states())].filter(([key]) => keys.includes(key));
    await this.afterSeed();
    return { checkpoint, states: new Map(states) };
  }

  #states(): Promise<ReadonlyMap<string, UsersState>> {
    return statesAfter(this.#store.log.slice(0, this.#projected));
  }

  #checkpoint(): Checkpoint {
    return { ...START, position: this.#store.log[this.#projected - 1]?.position ?? null };
  }
}
