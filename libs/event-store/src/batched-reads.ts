import { setImmediate } from 'node:timers';
import DataLoader from 'dataloader';

/** Keys that are read together at most: enough that the overhead of a statement does not count. */
const MAX_KEYS = 100;

/**
 * Returns a function that reads what belongs to one key. All that are asked for in one turn of the event loop are read together, after
 * the last of them was asked for: so none is older than its question.
 *
 * @param readAll returns what belongs to some keys, in their order
 */
export function batchedReads<Key, Result>(
  readAll: (keys: readonly Key[]) => Promise<readonly Result[]>,
): (key: Key) => Promise<Result> {
  const loader = new DataLoader<Key, Result>(readAll, {
    cache: false,
    maxBatchSize: MAX_KEYS,
    batchScheduleFn: (readNow) => setImmediate(readNow),
  });
  return (key) => loader.load(key);
}
