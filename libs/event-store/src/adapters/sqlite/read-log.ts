import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordedEvent } from '../../envelope.ts';
import type { ReadAllOptions, ReadStreamOptions } from '../../event-store.ts';
import { revisionOf, toRecordedEvent, type LogReader } from './log-reader.ts';
import { toRow } from './positions.ts';

/**
 * Rows per query. That is enough for the query itself to cost little compared with its rows, and few enough to take
 * about a millisecond: the event loop gets its turn between two queries.
 */
export const BATCH_ROWS = 500;

/** No stream has a greater revision. */
const LAST = Number.MAX_SAFE_INTEGER;

/** Reads the events of one stream in the asked order, in batches. */
export async function* readStream(
  reader: LogReader,
  stream: string,
  { backwards = false, from = backwards ? LAST : 0, limit = Infinity }: ReadStreamOptions,
): AsyncGenerator<RecordedEvent, void> {
  let next = from;
  for (let left = limit; left > 0; left -= BATCH_ROWS) {
    const wanted = Math.min(left, BATCH_ROWS);
    const rows = backwards
      ? reader.streamBackwards(stream, next, wanted)
      : reader.stream(stream, next, wanted);
    for (const row of rows) yield toRecordedEvent(row);
    if (rows.length < wanted) return;
    next = revisionOf(rows.at(-1)) + (backwards ? -1 : 1);
    await nextTurn();
  }
}

/** Reads the events of the log, in batches, up to the end it has at the first read. */
export async function* readAll(
  reader: LogReader,
  { after, limit = Infinity }: ReadAllOptions,
): AsyncGenerator<RecordedEvent, void> {
  const head = reader.head();
  let left = limit;
  let last = toRow(after);
  while (last < head && left > 0) {
    const upTo = Math.min(last + Math.min(left, BATCH_ROWS), head);
    const rows = reader.range(last, upTo, null);
    for (const row of rows) yield toRecordedEvent(row);
    left -= rows.length;
    last = upTo;
    if (last < head) await nextTurn();
  }
}
