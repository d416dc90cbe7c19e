import type { DomainEvent, EventRegistry } from '#domain';
import type { EventMetadata, Position, RecordedEvent } from '#event-store';

/** An event as a projection sees it: upcast, checked, and with the time that counts. */
export interface ProjectedEvent<Event extends DomainEvent> {
  readonly event: Event;
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
  /** ISO 8601: the highest `occurredAt` up to here in log order, since clocks differ between writers. */
  readonly effectiveAt: string;
  readonly metadata: EventMetadata;
}

/** Looks up the state of another key as of the event being folded. */
export type Lookup<State> = (key: string) => State | null;

/**
 * A fold over the log, key by key. Pure: the same log gives the same states, live or rebuilt.
 * A state of null means that nothing is kept for the key.
 */
export interface Projection<State, Event extends DomainEvent> {
  readonly name: string;
  readonly registry: EventRegistry<Event>;
  /** The key whose state the event changes: its stream. */
  readonly keyOf: (recorded: Pick<RecordedEvent, 'stream'>) => string;
  /**
   * Keys of other states that folding this event looks up; what it takes from them must not be a time (see
   * `StatesAsOf`).
   */
  readonly lookups: (event: Event) => readonly string[];
  readonly evolve: (
    state: State | null,
    projected: ProjectedEvent<Event>,
    lookup: Lookup<State>,
  ) => State | null;
  /**
   * What stays of a state once it has been written; all of it by default. For projections whose states carry rows
   * that are only ever added, and so must go out once.
   */
  readonly written?: (state: State) => State;
}
