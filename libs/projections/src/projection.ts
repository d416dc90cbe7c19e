import type { DomainEvent, EventRegistry } from '#domain';
import type { EventMetadata, Position, RecordedEvent } from '#event-store';

/** An event as a projection receives it: upcast, validated, with its effective time. */
export interface ProjectedEvent<Event extends DomainEvent> {
  readonly event: Event;
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  /** ISO 8601; see `effectiveTime`. */
  readonly effectiveAt: string;
  readonly metadata: EventMetadata;
}

/** Returns a decoded event as projections receive it. */
export function toProjectedEvent<Event extends DomainEvent>(
  { stream, revision, position, metadata }: RecordedEvent,
  event: Event,
  effectiveAt: string,
): ProjectedEvent<Event> {
  return { event, stream, revision, position, effectiveAt, metadata };
}

/** Returns the state of another key at the event being folded. */
export type Lookup<State> = (key: string) => State | null;

/**
 * A pure fold over the log, key by key: the same log gives the same states, live or rebuilt. A null state means that
 * the key has no row.
 */
export interface Projection<State, Event extends DomainEvent> {
  readonly name: string;
  readonly registry: EventRegistry<Event>;
  /** The key whose state the event changes: its stream. */
  readonly keyOf: (recorded: Pick<RecordedEvent, 'stream'>) => string;
  /**
   * Keys of the other states that the fold of this event looks up. It must not use times from them (see
   * `StatesAsOf`).
   */
  readonly lookups: (event: Event) => readonly string[];
  readonly evolve: (
    state: State | null,
    projected: ProjectedEvent<Event>,
    lookup: Lookup<State>,
  ) => State | null;
  /**
   * Returns the part of a written state that stays in memory; all of it by default. For projections whose states
   * carry append-only rows, which must be written only once.
   */
  readonly stripWritten?: (state: State) => State;
}
