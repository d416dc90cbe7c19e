import type { DomainEvent } from '#domain';
import type { RecordedEvent } from '#event-store';
import type { Checkpoint } from './checkpoint.ts';
import type { Projection } from './projection.ts';

/** What folding a batch came to. */
export interface FoldedBatch<State> {
  readonly changes: ReadonlyMap<string, State | null>;
  readonly checkpoint: Checkpoint;
}

/** An event that could not be folded, with where it stands. */
export class ProjectionError extends Error {
  override readonly name = 'ProjectionError';
  readonly code = 'PROJECTION.FAILED';
  readonly event: Pick<RecordedEvent, 'stream' | 'revision' | 'position' | 'type'>;

  constructor(projection: string, event: RecordedEvent, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `${projection} cannot fold ${event.type} at ${event.stream}@${event.revision} (position ${event.position}): ${reason}`,
      { cause },
    );
    const { stream, revision, position, type } = event;
    this.event = { stream, revision, position, type };
  }
}

type Load<State> = (keys: readonly string[]) => Promise<ReadonlyMap<string, State>>;

/**
 * Folds events, in log order, over the states that `load` gives; each key is loaded and later written once,
 * however many of the events are its own.
 *
 * @throws ProjectionError at the first event that does not decode or fold
 */
export async function foldBatch<State, Event extends DomainEvent>(
  projection: Projection<State, Event>,
  load: Load<State>,
  events: readonly RecordedEvent[],
  from: Checkpoint,
): Promise<FoldedBatch<State>> {
  const decoded = events.map((recorded) => {
    try {
      return { recorded, event: projection.registry.decode(recorded) };
    } catch (error) {
      throw new ProjectionError(projection.name, recorded, error);
    }
  });
  const keys = new Set<string>();
  for (const { recorded, event } of decoded) {
    keys.add(projection.keyOf(recorded));
    for (const key of projection.lookups(event)) keys.add(key);
  }
  const states = new Map<string, State | null>(await load([...keys]));
  const lookup = (key: string): State | null => states.get(key) ?? null;
  const changed = new Set<string>();
  let { position, effectiveAt } = from;
  for (const { recorded, event } of decoded) {
    const { stream, revision, metadata } = recorded;
    position = recorded.position;
    effectiveAt = effectiveTime(effectiveAt, metadata.occurredAt);
    const key = projection.keyOf(recorded);
    const projected = { event, stream, revision, position, effectiveAt, metadata };
    try {
      states.set(key, projection.evolve(lookup(key), projected, lookup));
    } catch (error) {
      throw new ProjectionError(projection.name, recorded, error);
    }
    changed.add(key);
  }
  const changes = new Map([...changed].map((key) => [key, lookup(key)]));
  return { changes, checkpoint: { position, effectiveAt } };
}

/** The time that counts at an event: never earlier than at the event before it. ISO strings sort as times. */
export function effectiveTime(before: string | null, occurredAt: string): string {
  return before !== null && before > occurredAt ? before : occurredAt;
}
