import type { DomainEvent } from '#domain';
import {
  backOff,
  EventStoreUnavailableError,
  type EventStore,
  type RecordedEvent,
  type RetryPolicy,
} from '#event-store';
import { placeOf, type EventPlace, type HeldEvent } from './dead-letter.ts';
import { ProjectionError } from './projection-error.ts';
import type { ProjectionVersions } from './projection-versions.ts';
import type { Projection } from './projection.ts';
import { StatesAsOf } from './states-as-of.ts';

const RETRY: RetryPolicy = { attempts: 20, baseMs: 5, capMs: 200 };

/** What a retry came to. */
export interface Released {
  readonly folded: number;
  /** What is still set aside. */
  readonly held: number;
}

/**
 * Folds what the live version had set aside, in log order, at the effective times noted then, and looking up what
 * they would have found then: so the rows are as a rebuild would have them. What still cannot be folded is set
 * aside again. A running owner of the projection may go on meanwhile.
 *
 * @throws EventStoreUnavailableError when the log cannot be read; nothing was released
 */
export async function releaseHeld<State, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventStore,
  versions: ProjectionVersions<State>,
): Promise<Released> {
  const rows = versions.live();
  for (let attempt = 1; ; attempt += 1) {
    const checkpoint = await rows.checkpoint();
    const held = await versions.held();
    if (held.length === 0) return { folded: 0, held: 0 };
    const { skipped } = await rows.holdings();
    const before = await rows.load([...new Set(held.map(({ key }) => key))]);
    const { changes, hold } = await foldHeld(projection, log, held, before, skipped);
    const next = { ...checkpoint, generation: checkpoint.generation + 1 };
    if (await rows.commit(checkpoint, next, changes, { hold, releaseAll: true })) {
      return { folded: held.length - hold.length, held: hold.length };
    }
    if (attempt >= RETRY.attempts) throw new Error(`${projection.name} moves too fast to retry`);
    await backOff(RETRY, attempt);
  }
}

async function foldHeld<State, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  log: EventStore,
  held: readonly HeldEvent[],
  before: ReadonlyMap<string, State>,
  skipped: readonly EventPlace[],
): Promise<Release<State, Event>> {
  const asOf = new StatesAsOf(projection, log, skipped);
  try {
    const release = new Release(projection, before, asOf, skipped.map(placeOf));
    for (const [index, recorded] of (await read(log, held)).entries()) {
      const noted = held[index];
      if (noted !== undefined) await release.fold(recorded, noted);
    }
    return release;
  } finally {
    await asOf.close();
  }
}

class Release<State, Event extends DomainEvent> {
  readonly changes = new Map<string, State | null>();
  readonly hold: HeldEvent[] = [];
  readonly #projection: Projection<State, Event>;
  readonly #before: ReadonlyMap<string, State>;
  readonly #asOf: StatesAsOf<State, Event>;
  readonly #skipped: ReadonlySet<string>;
  readonly #heldKeys = new Set<string>();

  constructor(
    projection: Projection<State, Event>,
    before: ReadonlyMap<string, State>,
    asOf: StatesAsOf<State, Event>,
    skipped: readonly string[],
  ) {
    this.#projection = projection;
    this.#before = before;
    this.#asOf = asOf;
    this.#skipped = new Set(skipped);
  }

  async fold(recorded: RecordedEvent, noted: HeldEvent): Promise<void> {
    if (this.#skipped.has(placeOf(noted))) return;
    if (this.#heldKeys.has(noted.key)) {
      this.#setAside({ ...noted, error: null });
      return;
    }
    try {
      await this.#evolve(recorded, noted);
    } catch (cause) {
      if (cause instanceof EventStoreUnavailableError) throw cause;
      const { message } = new ProjectionError(this.#projection.name, recorded, cause);
      this.#setAside({ ...noted, error: message });
    }
  }

  async #evolve(recorded: RecordedEvent, noted: HeldEvent): Promise<void> {
    const { key, effectiveAt } = noted;
    const { stream, revision, position, metadata } = recorded;
    const event = this.#projection.registry.decode(recorded);
    if (this.#projection.lookups(event).some((other) => this.#heldKeys.has(other))) {
      this.#setAside({ ...noted, error: null });
      return;
    }
    const seen = await this.#asOf.lookupsOf(event, position);
    const projected = { event, stream, revision, position, effectiveAt, metadata };
    const lookup = (other: string): State | null => seen.get(other) ?? null;
    this.changes.set(key, this.#projection.evolve(this.#state(key), projected, lookup));
  }

  #state(key: string): State | null {
    const changed = this.changes.get(key);
    return changed === undefined ? (this.#before.get(key) ?? null) : changed;
  }

  #setAside(event: HeldEvent): void {
    this.#heldKeys.add(event.key);
    this.hold.push(event);
  }
}

/** The events themselves, in the order of `held`; each stream is read once. */
async function read(log: EventStore, held: readonly HeldEvent[]): Promise<RecordedEvent[]> {
  const found = new Map<string, RecordedEvent>();
  for (const [stream, events] of Map.groupBy(held, (event) => event.stream)) {
    const from = events[0]?.revision ?? 0;
    const limit = (events.at(-1)?.revision ?? from) - from + 1;
    for await (const event of log.readStream(stream, { from, limit })) {
      found.set(placeOf(event), event);
    }
  }
  return held.map((event) => {
    const recorded = found.get(placeOf(event));
    if (recorded === undefined) throw new Error(`${placeOf(event)} is not in the log`);
    return recorded;
  });
}
