import type { Aggregate, DomainEvent } from '#domain';
import type { RecordedEvent } from '../envelope.ts';
import type { ExpectedRevision } from '../event-store.ts';
import type { Position } from '../position.ts';
import type { Snapshot } from '../snapshot-store.ts';

/** Number of latest command ids kept per stream, to recognise a command that is sent again. */
export const RECENT_COMMANDS = 32;

/** A folded stream: the aggregate's state, the stream's revision and position, and its latest commands. */
export interface StreamState<State> {
  readonly state: State;
  readonly revision: ExpectedRevision;
  /** Position of the stream's last event, null while it has none. */
  readonly position: Position | null;
  /** Ids of the latest commands that appended, oldest first. */
  readonly commands: readonly string[];
  /** Number of events after the latest snapshot. */
  readonly eventsSinceSnapshot: number;
}

export function emptyStream<State>(initialState: State): StreamState<State> {
  return {
    state: initialState,
    revision: 'no_stream',
    position: null,
    commands: [],
    eventsSinceSnapshot: 0,
  };
}

/** Folds one event read from the log. */
export function foldEvent<State, Command, Event extends DomainEvent>(
  { decider, registry }: Aggregate<State, Command, Event>,
  stream: StreamState<State>,
  recorded: RecordedEvent,
): StreamState<State> {
  return {
    state: decider.evolve(stream.state, registry.decode(recorded)),
    revision: recorded.revision,
    position: recorded.position,
    commands: addCommandId(stream.commands, recorded.metadata.causationId),
    eventsSinceSnapshot: stream.eventsSinceSnapshot + 1,
  };
}

/** Adds a command id, and drops the oldest beyond {@link RECENT_COMMANDS}. */
export function addCommandId(commands: readonly string[], commandId: string): readonly string[] {
  if (commands.at(-1) === commandId) return commands;
  return [...commands.slice(-(RECENT_COMMANDS - 1)), commandId];
}

interface SnapshotState<State> {
  readonly state: State;
  readonly commands: readonly string[];
}

/** State of the stream from a snapshot; null if there is none, or it has another version and so another shape. */
export function fromSnapshot<State>(
  snapshot: Snapshot | null,
  version: number,
): StreamState<State> | null {
  if (snapshot?.version !== version) return null;
  const { state, commands } = snapshot.state as SnapshotState<State>;
  const { revision, position } = snapshot;
  return { state, commands, revision, position, eventsSinceSnapshot: 0 };
}

/** The snapshot of a stream; null for a stream without events. */
export function toSnapshot<State>(stream: StreamState<State>, version: number): Snapshot | null {
  const { state, commands, revision, position } = stream;
  if (revision === 'no_stream' || position === null) return null;
  return { version, revision, position, state: { state, commands } };
}
