import type { DomainEvent } from '#domain';
import type { RecordedEvent } from '#event-store';
import type { Checkpoint } from './checkpoint.ts';
import type { EventPlace, HeldEvent } from './dead-letter.ts';
import { ProjectionError } from './projection-error.ts';
import type { Projection } from './projection.ts';

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

export const STOP_AT_POISON: FoldRules = { onPoison: 'stop', heldKeys: new Set(), skipped: [] };

type Load<State> = (keys: readonly string[]) => Promise<ReadonlyMap<string, State>>;

/**
 * Folds events, in log order, over the states that `load` gives; each key is loaded and later written once,
 * however many of the events are its own. Events may be added in parts.
 */
export class Fold<State, Event extends DomainEvent> {
  readonly #projection: Projection<State, Event>;
  readonly #load: Load<State>;
  readonly #onPoison: FoldRules['onPoison'];
  readonly #heldKeys: Set<string>;
  readonly #skipped: ReadonlySet<string>;
  readonly #states = new Map<string, State | null>();
  readonly #changed = new Set<string>();
  readonly #hold: HeldEvent[] = [];
  #checkpoint: Checkpoint;

  constructor(
    projection: Projection<State, Event>,
    load: Load<State>,
    from: Checkpoint,
    rules: FoldRules = STOP_AT_POISON,
  ) {
    this.#projection = projection;
    this.#load = load;
    this.#checkpoint = from;
    this.#onPoison = rules.onPoison;
    this.#heldKeys = new Set(rules.heldKeys);
    this.#skipped = new Set(rules.skipped.map(placeOf));
  }

  /** Keys whose states have changed so far. */
  get size(): number {
    return this.#changed.size;
  }

  get result(): FoldedBatch<State> {
    const changes = new Map([...this.#changed].map((key) => [key, this.#lookup(key)]));
    return { changes, hold: this.#hold, checkpoint: this.#checkpoint };
  }

  /** @throws ProjectionError at the first event that does not decode or fold, unless such are held */
  async add(events: readonly RecordedEvent[]): Promise<void> {
    const decoded = events.map((recorded) => ({ recorded, event: this.#decode(recorded) }));
    await this.#loadMissing(decoded);
    for (const { recorded, event } of decoded) {
      const effectiveAt = effectiveTime(this.#checkpoint.effectiveAt, recorded.metadata.occurredAt);
      this.#checkpoint = { ...this.#checkpoint, position: recorded.position, effectiveAt };
      this.#foldOne(recorded, event, effectiveAt);
    }
  }

  #foldOne(recorded: RecordedEvent, event: Event | ProjectionError, effectiveAt: string): void {
    if (this.#skipped.has(placeOf(recorded))) return;
    const key = this.#projection.keyOf(recorded);
    if (this.#waits(key, event)) {
      this.#setAside(key, recorded, effectiveAt, null);
      return;
    }
    try {
      if (event instanceof ProjectionError) throw event;
      const { stream, revision, position, metadata } = recorded;
      const projected = { event, stream, revision, position, effectiveAt, metadata };
      this.#states.set(
        key,
        this.#projection.evolve(this.#lookup(key), projected, (other) => this.#lookup(other)),
      );
      this.#changed.add(key);
    } catch (cause) {
      const error =
        cause instanceof ProjectionError
          ? cause
          : new ProjectionError(this.#projection.name, recorded, cause);
      if (this.#onPoison === 'stop') throw error;
      this.#setAside(key, recorded, effectiveAt, error.message);
    }
  }

  #waits(key: string, event: Event | ProjectionError): boolean {
    if (this.#heldKeys.has(key)) return true;
    if (this.#heldKeys.size === 0 || event instanceof ProjectionError) return false;
    return this.#projection.lookups(event).some((other) => this.#heldKeys.has(other));
  }

  #setAside(key: string, recorded: RecordedEvent, effectiveAt: string, error: string | null): void {
    const { stream, revision, position, type } = recorded;
    this.#heldKeys.add(key);
    this.#hold.push({ key, stream, revision, position, type, effectiveAt, error });
  }

  #decode(recorded: RecordedEvent): Event | ProjectionError {
    try {
      return this.#projection.registry.decode(recorded);
    } catch (error) {
      return new ProjectionError(this.#projection.name, recorded, error);
    }
  }

  async #loadMissing(
    decoded: readonly { recorded: RecordedEvent; event: Event | ProjectionError }[],
  ): Promise<void> {
    const missing = new Set<string>();
    const need = (key: string): void => {
      if (!this.#states.has(key)) missing.add(key);
    };
    for (const { recorded, event } of decoded) {
      need(this.#projection.keyOf(recorded));
      if (event instanceof ProjectionError) continue;
      for (const key of this.#projection.lookups(event)) need(key);
    }
    if (missing.size === 0) return;
    const loaded = await this.#load([...missing]);
    for (const key of missing) this.#states.set(key, loaded.get(key) ?? null);
  }

  #lookup(key: string): State | null {
    return this.#states.get(key) ?? null;
  }
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
  return fold.result;
}

/** The time that counts at an event: never earlier than at the event before it. ISO strings sort as times. */
export function effectiveTime(before: string | null, occurredAt: string): string {
  return before !== null && before > occurredAt ? before : occurredAt;
}

function placeOf({ stream, revision }: EventPlace): string {
  return `${stream}@${revision}`;
}
