import type { DomainEvent } from '#domain';
import type { EventMetadata, RecordedEvent } from '#event-store';
import type { Checkpoint } from './projection-store.ts';
import { formatEventRef, type EventRef, type DeadLetter } from './dead-letter.ts';
import { ProjectionError } from './projection-error.ts';
import type { Changes } from './projection-store.ts';
import { toProjectedEvent, type Projection } from './projection.ts';
import { WorkingStates, type Entry } from './working-states.ts';

/** Result of folding a batch. */
export interface FoldedBatch<State> {
  readonly changes: ReadonlyMap<string, State | null>;
  /** In log order. */
  readonly deadLetters: readonly DeadLetter[];
  readonly checkpoint: Checkpoint;
}

/** Treatment of events that cannot be folded or must not be. */
export interface FoldRules {
  /** `stop` throws; `deadLetter` sets the event aside, and all that depend on its key. */
  readonly onPoison: 'stop' | 'deadLetter';
  readonly blockedKeys: ReadonlySet<string>;
  readonly skipped: readonly EventRef[];
}

const STOP_AT_POISON: FoldRules = { onPoison: 'stop', blockedKeys: new Set(), skipped: [] };

type Load<State> = (keys: readonly string[]) => Promise<ReadonlyMap<string, State>>;

interface Decoded<State, Event> {
  readonly recorded: RecordedEvent;
  readonly event: Event | ProjectionError;
  readonly entry: Entry<State>;
}

/**
 * Folds events in log order over the states that `load` returns. Each key is loaded and written once, however many
 * events it has. After a write, the fold continues with the states in memory.
 */
export class Fold<State, Event extends DomainEvent> {
  readonly #projection: Projection<State, Event>;
  readonly #load: Load<State>;
  readonly #onPoison: FoldRules['onPoison'];
  readonly #blockedKeys: Set<string>;
  readonly #skipped: ReadonlySet<string>;
  readonly #states = new WorkingStates<State>();
  #deadLetters: DeadLetter[] = [];
  readonly #generation: number;
  #position: Checkpoint['position'];
  #effectiveAt: Checkpoint['effectiveAt'];
  #lastEvent: Checkpoint['lastEvent'];

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
    this.#lastEvent = from.lastEvent;
    this.#onPoison = rules.onPoison;
    this.#blockedKeys = new Set(rules.blockedKeys);
    this.#skipped = new Set(rules.skipped.map(formatEventRef));
  }

  /** Number of keys that have changed since the last write. */
  get size(): number {
    return this.#states.changed;
  }

  /** Dead letters since the last write, in log order. */
  get deadLetters(): readonly DeadLetter[] {
    return this.#deadLetters;
  }

  get checkpoint(): Checkpoint {
    return {
      position: this.#position,
      effectiveAt: this.#effectiveAt,
      generation: this.#generation,
      lastEvent: this.#lastEvent,
    };
  }

  /** States that have changed since the last write, in order of keys. */
  changes(): Changes<State> {
    return this.#states.changes();
  }

  /** Call it after the changes are written; see {@link WorkingStates.markWritten}. */
  markWritten(cacheSize: number): void {
    this.#states.markWritten(cacheSize, this.#projection.stripWritten);
    this.#deadLetters = [];
  }

  /** @throws ProjectionError with `onPoison: 'stop'`, at the first event that does not decode or fold */
  async add(events: readonly RecordedEvent[]): Promise<void> {
    const missing: Entry<State>[] = [];
    const decoded = events.map((recorded) => this.#prepare(recorded, missing));
    if (missing.length > 0) {
      const loaded = await this.#load(missing.map(({ key }) => key));
      for (const entry of missing) entry.state = loaded.get(entry.key) ?? null;
    }
    for (const one of decoded) {
      const { position, metadata } = one.recorded;
      const effectiveAt = effectiveTime(this.#effectiveAt, metadata);
      this.#position = position;
      this.#effectiveAt = effectiveAt;
      this.#foldOne(one, effectiveAt);
    }
    const last = events.at(-1);
    if (last !== undefined) this.#lastEvent = { position: last.position, id: last.id };
  }

  #foldOne({ recorded, event, entry }: Decoded<State, Event>, effectiveAt: string): void {
    if (this.#skipped.size > 0 && this.#skipped.has(formatEventRef(recorded))) return;
    if (this.#blockedKeys.size > 0 && this.#isBlocked(entry.key, event)) {
      this.#addDeadLetter(entry.key, recorded, effectiveAt, null);
      return;
    }
    try {
      if (event instanceof ProjectionError) throw event;
      const projected = toProjectedEvent(recorded, event, effectiveAt);
      const state = this.#projection.evolve(entry.state, projected, this.#lookup);
      this.#states.change(entry, state);
    } catch (cause) {
      const error =
        cause instanceof ProjectionError
          ? cause
          : new ProjectionError(this.#projection.name, recorded, cause);
      if (this.#onPoison === 'stop') throw error;
      this.#addDeadLetter(entry.key, recorded, effectiveAt, error.message);
    }
  }

  #isBlocked(key: string, event: Event | ProjectionError): boolean {
    if (this.#blockedKeys.has(key)) return true;
    if (event instanceof ProjectionError) return false;
    return this.#projection.lookups(event).some((other) => this.#blockedKeys.has(other));
  }

  #addDeadLetter(
    key: string,
    recorded: RecordedEvent,
    effectiveAt: string,
    error: string | null,
  ): void {
    const { stream, revision, position, type } = recorded;
    this.#blockedKeys.add(key);
    this.#deadLetters.push({ key, stream, revision, position, type, effectiveAt, error });
  }

  /** Decodes an event and requests the entries that it needs. New entries are added to `missing`. */
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

/** Folds a single batch. */
export async function foldBatch<State, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  load: Load<State>,
  events: readonly RecordedEvent[],
  from: Checkpoint,
  rules: FoldRules = STOP_AT_POISON,
): Promise<FoldedBatch<State>> {
  const fold = new Fold(projection, load, from, rules);
  await fold.add(events);
  return {
    changes: new Map(Array.from(fold.changes(), ([key, state]) => [key, state] as const)),
    deadLetters: fold.deadLetters,
    checkpoint: fold.checkpoint,
  };
}

/**
 * Effective time of an event: when it occurred by its writer's clock, or was recorded where that clock was too far
 * ahead; never earlier than the effective time of the event before it. ISO strings sort as times.
 */
export function effectiveTime(
  before: string | null,
  { occurredAt, recordedAt = occurredAt }: Pick<EventMetadata, 'occurredAt' | 'recordedAt'>,
): string {
  return before !== null && before > recordedAt ? before : recordedAt;
}
