import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordedEvent } from '../../envelope.ts';
import type { ReadAllOptions, ReadStreamOptions } from '../../event-store.ts';
import { revisionOf, toRecordedEvent, type LogReader } from './log-reader.ts';
import { toRow } from './positions.ts';

/**
 * Rows read by one query. Enough that queries cost little beside their rows, and few enough that one takes a
 * millisecond or so: between two of them other work has its turn.
 */
export const BATCH_ROWS = 500;

/** Events of one stream in order, a batch at a time. */
export async function* readStream(
  reader: LogReader,
  stream: string,
  { from = 0, limit = Infinity }: ReadStreamOptions,
): AsyncGenerator<RecordedEvent, void> {
  let next = from;
  for (let left = limit; left > 0; left -= BATCH_ROWS) {
    const wanted = Math.min(left, BATCH_ROWS);
    const rows = reader.stream(stream, next, wanted);
    for (const row of rows) yield toRecordedEvent(row);
    if (rows.length < wanted) return;
    next = revisionOf(rows.at(-1)) + 1;
    await nextTurn();
  }
}

/** Events of the log up to where it ended at the first read, a batch at a time. */
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
