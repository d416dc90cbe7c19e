import type { DomainEvent } from '#domain';
import type { RecordedEvent } from '#event-store';
import type { Checkpoint } from './checkpoint.ts';
import { placeOf, type EventPlace, type HeldEvent } from './dead-letter.ts';
import { ProjectionError } from './projection-error.ts';
import type { Changes } from './projection-store.ts';
import type { Projection } from './projection.ts';
import { WorkingStates, type Entry } from './working-states.ts';

/** What folding came to. */
export interface FoldedBatch<State> {
  readonly changes: ReadonlyMap<string, State | null>;
  /** Events set aside, in log order. */
  readonly hold: readonly HeldEvent[];
  readonly checkpoint: Checkpoint;
}

/** What to do with an event that cannot be folded, and which events to pass over. */
export interface FoldRules {
  /** `stop` at it, or `hold` it and everything that depends on its key. */
  readonly onPoison: 'stop' | 'hold';
  readonly heldKeys: ReadonlySet<string>;
  readonly skipped: readonly EventPlace[];
}

const STOP_AT_POISON: FoldRules = { onPoison: 'stop', heldKeys: new Set(), skipped: [] };

type Load<State> = (keys: readonly string[]) => Promise<ReadonlyMap<string, State>>;

interface Decoded<State, Event> {
  readonly recorded: RecordedEvent;
  readonly event: Event | ProjectionError;
  readonly entry: Entry<State>;
}

/**
 * Folds events, in log order, over the states that `load` gives; each key is loaded and later written once,
 * however many of the events are its own. Events may be added in parts, and once what they came to is written the
 * fold may go on with the states that it has.
 */
export class Fold<State, Event extends DomainEvent> {
  readonly #projection: Projection<State, Event>;
  readonly #load: Load<State>;
  readonly #onPoison: FoldRules['onPoison'];
  readonly #heldKeys: Set<string>;
  readonly #skipped: ReadonlySet<string>;
  readonly #states = new WorkingStates<State>();
  #hold: HeldEvent[] = [];
  readonly #generation: number;
  #position: Checkpoint['position'];
  #effectiveAt: Checkpoint['effectiveAt'];

  constructor(
    projection: Projection<State, Event>,
    load: Load<State>,
    from: Checkpoint,
    rules: FoldRules = STOP_AT_POISON,
  ) {
    this.#projection = projection;
    this.#load = load;
    this.#generation = from.generation;
    this.#position = from.position;
    this.#effectiveAt = from.effectiveAt;
    this.#onPoison = rules.onPoison;
    this.#heldKeys = new Set(rules.heldKeys);
    this.#skipped = new Set(rules.skipped.map(placeOf));
  }

  /** Keys whose states have changed since they were written. */
  get size(): number {
    return this.#states.changed;
  }

  /** Events set aside since the states were written, in log order. */
  get hold(): readonly HeldEvent[] {
    return this.#hold;
  }

  get checkpoint(): Checkpoint {
    return {
      position: this.#position,
      effectiveAt: this.#effectiveAt,
      generation: this.#generation,
    };
  }

  /** States that have changed since they were written, in order of keys. */
  changes(): Changes<State> {
    return this.#states.changes();
  }

  /** To be told once the changes are written; see {@link WorkingStates.markWritten}. */
  written(most: number): void {
    this.#states.markWritten(most, this.#projection.written);
    this.#hold = [];
  }

  /** @throws ProjectionError at the first event that does not decode or fold, unless such are held */
  async add(events: readonly RecordedEvent[]): Promise<void> {
    const missing: Entry<State>[] = [];
    const decoded = events.map((recorded) => this.#prepare(recorded, missing));
    if (missing.length > 0) {
      const loaded = await this.#load(missing.map(({ key }) => key));
      for (const entry of missing) entry.state = loaded.get(entry.key) ?? null;
    }
    for (const one of decoded) {
      const { position, metadata } = one.recorded;
      const effectiveAt = effectiveTime(this.#effectiveAt, metadata.occurredAt);
      this.#position = position;
      this.#effectiveAt = effectiveAt;
      this.#foldOne(one, effectiveAt);
    }
  }

  #foldOne({ recorded, event, entry }: Decoded<State, Event>, effectiveAt: string): void {
    if (this.#skipped.size > 0 && this.#skipped.has(placeOf(recorded))) return;
    if (this.#heldKeys.size > 0 && this.#waits(entry.key, event)) {
      this.#setAside(entry.key, recorded, effectiveAt, null);
      return;
    }
    try {
      if (event instanceof ProjectionError) throw event;
      const { stream, revision, position, metadata } = recorded;
      const projected = { event, stream, revision, position, effectiveAt, metadata };
      const state = this.#projection.evolve(entry.state, projected, this.#lookup);
      this.#states.change(entry, state);
    } catch (cause) {
      const error =
        cause instanceof ProjectionError
          ? cause
          : new ProjectionError(this.#projection.name, recorded, cause);
      if (this.#onPoison === 'stop') throw error;
      this.#setAside(entry.key, recorded, effectiveAt, error.message);
    }
  }

  #waits(key: string, event: Event | ProjectionError): boolean {
    if (this.#heldKeys.has(key)) return true;
    if (event instanceof ProjectionError) return false;
    return this.#projection.lookups(event).some((other) => this.#heldKeys.has(other));
  }

  #setAside(key: string, recorded: RecordedEvent, effectiveAt: string, error: string | null): void {
    const { stream, revision, position, type } = recorded;
    this.#heldKeys.add(key);
    this.#hold.push({ key, stream, revision, position, type, effectiveAt, error });
  }

  /** Decodes an event and finds the entries that it needs; those that are new are added to `missing`. */
  #prepare(recorded: RecordedEvent, missing: Entry<State>[]): Decoded<State, Event> {
    const event = this.#decode(recorded);
    if (!(event instanceof ProjectionError)) {
      for (const key of this.#projection.lookups(event)) this.#states.request(key, missing);
    }
    return {
      recorded,
      event,
      entry: this.#states.request(this.#projection.keyOf(recorded), missing),
    };
  }

  #decode(recorded: RecordedEvent): Event | ProjectionError {
    try {
      return this.#projection.registry.decode(recorded);
    } catch (error) {
      return new ProjectionError(this.#projection.name, recorded, error);
    }
  }

  readonly #lookup = (key: string): State | null => this.#states.get(key);
}

/** Folds one batch whole. */
export async function foldBatch<State, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  load: Load<State>,
  events: readonly RecordedEvent[],
  from: Checkpoint,
  rules: FoldRules = STOP_AT_POISON,
): Promise<FoldedBatch<State>> {
  const fold = new Fold(projection, load, from, rules);
  await fold.add(events);
  return { changes: new Map(fold.changes()), hold: fold.hold, checkpoint: fold.checkpoint };
}

/** The time that counts at an event: never earlier than at the event before it. ISO strings sort as times. */
export function effectiveTime(before: string | null, occurredAt: string): string {
  return before !== null && before > occurredAt ? before : occurredAt;
}
