import DataLoader from 'dataloader';

/** Rows that one statement reads at most: enough that its overhead does not count. */
const MAX_ROWS = 100;

/**
 * Returns a function that reads one row. All that are asked for in one turn of the event loop are read together, after
 * the last of them was asked for: so none is older than its question.
 *
 * @param readAll returns the rows of some keys, in their order
 */
export function batchedReads<Key, Row>(
  readAll: (keys: readonly Key[]) => Promise<readonly Row[]>,
): (key: Key) => Promise<Row> {
  const loader = new DataLoader<Key, Row>(readAll, {
    cache: false,
    maxBatchSize: MAX_ROWS,
    batchScheduleFn: (readNow) => setImmediate(readNow),
  });
  return (key) => loader.load(key);
}
