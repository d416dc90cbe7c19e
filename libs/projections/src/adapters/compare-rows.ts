import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ComparedRows, RowDifference } from '../projection-versions.ts';
import type { SqlRow } from './columns.ts';

/** The rows of one table in two versions, each in order of its key. */
export interface ComparedTable {
  readonly name: string;
  /** Columns of the primary key, in order. */
  readonly key: readonly string[];
  readonly live: Iterator<SqlRow> | AsyncIterator<SqlRow>;
  readonly rebuilt: Iterator<SqlRow> | AsyncIterator<SqlRow>;
}

/** Rows between two looks at the signal. */
const ROWS_OF_A_TURN = 1_000;

type Hash = ReturnType<typeof createHash>;

/**
 * Yields each difference between two versions, then returns the summary. Gives way to other work now and then, so that the
 * signal can be aborted: then it throws the signal's reason.
 */
export async function* compareRows(
  tables: Iterable<ComparedTable>,
  signal?: AbortSignal,
): AsyncGenerator<RowDifference, ComparedRows> {
  const hashes = { live: createHash('sha256'), rebuilt: createHash('sha256') };
  let rows = 0;
  for (const table of tables) {
    let a = await nextRow(table.live, table, hashes.live);
    let b = await nextRow(table.rebuilt, table, hashes.rebuilt);
    while (a !== null || b !== null) {
      rows += 1;
      if (rows % ROWS_OF_A_TURN === 0) {
        await nextTurn();
        signal?.throwIfAborted();
      }
      const side =
        b === null || (a !== null && isBefore(a.key, b.key))
          ? 'live'
          : a === null || isBefore(b.key, a.key)
            ? 'rebuilt'
            : 'both';
      const difference = differenceOf(table.name, side, a, b);
      if (difference !== null) yield difference;
      if (side !== 'rebuilt') a = await nextRow(table.live, table, hashes.live);
      if (side !== 'live') b = await nextRow(table.rebuilt, table, hashes.rebuilt);
    }
  }
  return { rows, liveHash: hashes.live.digest('hex'), rebuiltHash: hashes.rebuilt.digest('hex') };
}

interface Row {
  /** Values of the columns of its key. */
  readonly key: readonly unknown[];
  readonly values: SqlRow;
}

/** The next row, added to the hash. */
async function nextRow(
  rows: Iterator<SqlRow> | AsyncIterator<SqlRow>,
  { name, key }: ComparedTable,
  hash: Hash,
): Promise<Row | null> {
  const next = await rows.next();
  if (next.done === true) return null;
  const values: SqlRow = next.value;
  hash.update(JSON.stringify([name, values]));
  return { key: key.map((column) => values[column]), values };
}

/** Whether a key is before another in the order of the tables: numbers as such, texts as strings, because they are ASCII. */
function isBefore(a: readonly unknown[], b: readonly unknown[]): boolean {
  const column = a.findIndex((value, index) => value !== b[index]);
  const [one, other] = [a[column], b[column]];
  return typeof one === 'number' && typeof other === 'number'
    ? one < other
    : String(one) < String(other);
}

function differenceOf(
  table: string,
  side: 'live' | 'rebuilt' | 'both',
  live: Row | null,
  rebuilt: Row | null,
): RowDifference | null {
  if (side === 'live' && live !== null)
    return { table, key: live.key.join(' '), kind: 'surplus', columns: [] };
  if (side === 'rebuilt' && rebuilt !== null) {
    return { table, key: rebuilt.key.join(' '), kind: 'missing', columns: [] };
  }
  if (live === null || rebuilt === null) return null;
  const columns = Object.keys(rebuilt.values).flatMap((column) => {
    const [actual, expected] = [live.values[column], rebuilt.values[column]];
    return actual === expected ? [] : [{ column, live: String(actual), rebuilt: String(expected) }];
  });
  return columns.length === 0
    ? null
    : { table, key: live.key.join(' '), kind: 'different', columns };
}
