import type { Position } from '#event-store';
import type { ReadModelProgress } from './read-model-progress.ts';

/** Milliseconds that an answer waits at most for the read model. */
const READ_MODEL_WAIT_MS = 2_000;

/** Position of a write in the log; null if the aggregate has no event. */
export interface Written {
  readonly position: Position | null;
}

/** True once every read sees a write; false after {@link READ_MODEL_WAIT_MS}. */
export function waitUntilVisible(
  progress: Pick<ReadModelProgress, 'waitFor'>,
  { position }: Written,
): Promise<boolean> {
  return progress.waitFor(position, READ_MODEL_WAIT_MS);
}
