import {
  byPosition,
  hasReached,
  type EventStore,
  type Position,
  type RecordedEvent,
} from '#event-store';
import { foldBatch } from '#projections';
import { usersProjection } from './users-projection.ts';
import type { UsersReadModel } from './users-read-model.ts';
import type { UsersState } from './users-state.ts';

/**
 * States of some keys as of the end of the log, for an answer that cannot wait for the read model. Loads the states
 * from the read model and folds later events of the log. The cost depends on how far the read model is behind in these
 * streams, not on their length. Effective times come from these streams alone.
 *
 * @param keys stream names
 * @throws EventStoreError, ProjectionError
 */
export async function currentStates(
  log: EventStore,
  readModel: UsersReadModel,
  keys: readonly string[],
): Promise<ReadonlyMap<string, UsersState>> {
  const { position } = await readModel.checkpoint();
  const own = await eventsAfter(log, keys, position);
  const others = own
    .flatMap((event) => usersProjection.lookups(usersProjection.registry.decode(event)))
    .filter((key, index, all) => !keys.includes(key) && all.indexOf(key) === index);
  const looked = await eventsAfter(log, others, position);
  const { checkpoint, states } = await readModel.loadStates([...keys, ...others]);
  const missing = [...own, ...looked]
    .filter((event) => !hasReached(checkpoint.position, event.position))
    .sort(byPosition);
  const { changes } = await foldBatch(
    usersProjection,
    () => Promise.resolve(states),
    missing,
    checkpoint,
  );
  const current = new Map(states);
  for (const [key, state] of changes) {
    if (state === null) current.delete(key);
    else current.set(key, state);
  }
  return current;
}

async function eventsAfter(
  log: EventStore,
  streams: readonly string[],
  position: Position | null,
): Promise<RecordedEvent[]> {
  const tails = await Promise.all(
    streams.map(async (stream) => {
      const from = await firstRevisionAfter(log, stream, position);
      return Array.fromAsync(log.readStream(stream, { from }));
    }),
  );
  return tails.flat();
}

/** Revision of a stream's first event after a position; the length of the stream if there is none. */
async function firstRevisionAfter(
  log: EventStore,
  stream: string,
  position: Position | null,
): Promise<number> {
  const isAfter = async (revision: number): Promise<boolean> => {
    const [event] = await Array.fromAsync(log.readStream(stream, { from: revision, limit: 1 }));
    return event === undefined || !hasReached(position, event.position);
  };
  let first = 0;
  let step = 1;
  while (!(await isAfter(first + step - 1))) {
    first += step;
    step *= 2;
  }
  let last = first + step - 1;
  while (first < last) {
    const middle = Math.floor((first + last) / 2);
    if (await isAfter(middle)) last = middle;
    else first = middle + 1;
  }
  return first;
}
