import type { EventLog } from '#event-store';
import type { Checkpoint, ProjectionStore } from './projection-store.ts';

/**
 * Returns the checkpoint of a store, with the id of its last event where the log has it: an earlier version of the program
 * did not keep the id.
 */
export async function learnLastEvent<State>(
  log: Pick<EventLog, 'eventIdAt'>,
  store: ProjectionStore<State>,
): Promise<Checkpoint> {
  const checkpoint = await store.checkpoint();
  const { position, lastEvent } = checkpoint;
  if (position === null || lastEvent !== null) return checkpoint;
  const id = await log.eventIdAt(position);
  if (id === null) return checkpoint;
  const learned: Checkpoint = { ...checkpoint, lastEvent: { position, id } };
  return (await store.commit(checkpoint, learned, new Map())) ? learned : checkpoint;
}
