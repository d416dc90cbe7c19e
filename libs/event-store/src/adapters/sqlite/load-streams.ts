import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordedEvent } from '../../envelope.ts';
import type { StoredStream } from '../../event-store.ts';
import { streamOf, toRecordedEvent, type LogReader } from './log-reader.ts';
import { BATCH_ROWS } from './read-log.ts';

/** Streams read by one query: their events are few, or have a snapshot before them, but nobody knows beforehand. */
const STREAMS_AT_ONCE = 16;

/** Snapshots of many streams and the events after them; between so many rows other work has its turn. */
export async function loadStreams(
  reader: LogReader,
  streams: readonly string[],
  snapshotVersion: number,
): Promise<StoredStream[]> {
  const loaded: StoredStream[] = [];
  let rows = 0;
  for (let start = 0; start < streams.length; start += STREAMS_AT_ONCE) {
    if (rows >= BATCH_ROWS) {
      await nextTurn();
      rows = 0;
    }
    const some = loadSome(reader, streams.slice(start, start + STREAMS_AT_ONCE), snapshotVersion);
    loaded.push(...some);
    rows += some.reduce((sum, { events }) => sum + events.length, 0);
  }
  return loaded;
}

function loadSome(
  reader: LogReader,
  streams: readonly string[],
  snapshotVersion: number,
): StoredStream[] {
  const snapshots = reader.snapshotsOf(streams, snapshotVersion);
  const events = new Map<string, RecordedEvent[]>(streams.map((stream) => [stream, []]));
  const starts = [...events.keys()].map(
    (stream) => [stream, snapshots.get(stream)?.revision ?? -1] as const,
  );
  for (const row of reader.ofStreams(starts)) events.get(streamOf(row))?.push(toRecordedEvent(row));
  return streams.map((stream) => ({
    snapshot: snapshots.get(stream) ?? null,
    events: events.get(stream) ?? [],
  }));
}
