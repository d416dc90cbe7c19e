import type { Aggregate, DomainEvent } from '#domain';
import type { RecordedEvent } from '../envelope.ts';
import type { ExpectedRevision } from '../event-store.ts';
import type { Position } from '../position.ts';
import type { Snapshot } from '../snapshot-store.ts';

/** How many of a stream's latest commands are remembered, so that one sent again is recognised. */
export const REMEMBERED_COMMANDS = 32;

/** A stream folded: its aggregate's state, where it stands, and which commands brought it there. */
export interface StreamState<State> {
  readonly state: State;
  readonly revision: ExpectedRevision;
  /** Place of the stream's last event, null while it has none. */
  readonly position: Position | null;
  /** Ids of the latest commands that appended, oldest first. */
  readonly commands: readonly string[];
  /** How many of its events stand after its latest snapshot. */
  readonly unsaved: number;
}

export function emptyStream<State>(initialState: State): StreamState<State> {
  return { state: initialState, revision: 'no_stream', position: null, commands: [], unsaved: 0 };
}

/** Folds one event as read from the log. */
export function foldRecorded<State, Command, Event extends DomainEvent>(
  { decider, registry }: Aggregate<State, Command, Event>,
  stream: StreamState<State>,
  recorded: RecordedEvent,
): StreamState<State> {
  return {
    state: decider.evolve(stream.state, registry.decode(recorded)),
    revision: recorded.revision,
    position: recorded.position,
    commands: remember(stream.commands, recorded.metadata.causationId),
    unsaved: stream.unsaved + 1,
  };
}

/** Adds a command id, forgetting the oldest beyond {@link REMEMBERED_COMMANDS}. */
export function remember(commands: readonly string[], commandId: string): readonly string[] {
  if (commands.at(-1) === commandId) return commands;
  return [...commands.slice(-(REMEMBERED_COMMANDS - 1)), commandId];
}

interface SnapshotState<State> {
  readonly state: State;
  readonly commands: readonly string[];
}

/** What a snapshot holds, or null where there is none of this version, which alone vouches for the shape. */
export function fromSnapshot<State>(
  snapshot: Snapshot | null,
  version: number,
): StreamState<State> | null {
  if (snapshot?.version !== version) return null;
  const { state, commands } = snapshot.state as SnapshotState<State>;
  const { revision, position } = snapshot;
  return { state, commands, revision, position, unsaved: 0 };
}

/** The snapshot of a stream that has events, null for an empty one. */
export function toSnapshot<State>(stream: StreamState<State>, version: number): Snapshot | null {
  const { state, commands, revision, position } = stream;
  if (revision === 'no_stream' || position === null) return null;
  return { version, revision, position, state: { state, commands } };
}
