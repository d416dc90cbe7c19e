import type { Decider, DomainEvent } from '#domain';
import type { EventRegistry } from '../event-registry.ts';

/** A decider together with its event types and how its snapshots are told apart. */
export interface Aggregate<State, Command, Event extends DomainEvent> {
  readonly decider: Decider<State, Command, Event>;
  readonly registry: EventRegistry<Event>;
  /** Raised whenever the shape of `State` changes, so that older snapshots are ignored. */
  readonly snapshotVersion: number;
}
