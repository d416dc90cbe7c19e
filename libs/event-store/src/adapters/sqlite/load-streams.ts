import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordedEvent } from '../../envelope.ts';
import type { StoredStream } from '../../event-store.ts';
import { streamOf, toRecordedEvent, type LogReader } from './log-reader.ts';
import { BATCH_ROWS } from './read-log.ts';

/** Streams per query. Most have few events after their snapshot, but the number is not known beforehand. */
const STREAMS_PER_QUERY = 16;
/** Events of each stream in one query: more than follow a snapshot. A stream without its snapshot may have any number. */
const EVENTS_OF_EACH = 128;

/** Loads the snapshots of many streams and the first events after them. Yields to the event loop every few hundred rows. */
export async function loadStreams(
  reader: LogReader,
  streams: readonly string[],
  snapshotVersion: number,
): Promise<StoredStream[]> {
  const loaded: StoredStream[] = [];
  let rows = 0;
  for (let start = 0; start < streams.length; start += STREAMS_PER_QUERY) {
    if (rows >= BATCH_ROWS) {
      await nextTurn();
      rows = 0;
    }
    const some = loadGroup(
      reader,
      streams.slice(start, start + STREAMS_PER_QUERY),
      snapshotVersion,
    );
    loaded.push(...some);
    rows += some.reduce((sum, { events }) => sum + events.length, 0);
  }
  return loaded;
}

function loadGroup(
  reader: LogReader,
  streams: readonly string[],
  snapshotVersion: number,
): StoredStream[] {
  const snapshots = reader.snapshots(streams, snapshotVersion);
  const events = new Map<string, RecordedEvent[]>(streams.map((stream) => [stream, []]));
  const starts = [...events.keys()].map(
    (stream) => [stream, snapshots.get(stream)?.revision ?? -1] as const,
  );
  for (const row of reader.streamsAfter(starts, EVENTS_OF_EACH))
    events.get(streamOf(row))?.push(toRecordedEvent(row));
  return streams.map((stream) => {
    const found = events.get(stream) ?? [];
    const isComplete = found.length < EVENTS_OF_EACH;
    return { snapshot: snapshots.get(stream) ?? null, events: found, isComplete };
  });
}
