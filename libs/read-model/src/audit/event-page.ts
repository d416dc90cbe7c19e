import { reachabilityRegistry, type ReachabilityEvent } from '#domain';
import type { EventLog, RecordedEvent } from '#event-store';
import type { Page, PageRequest } from '../users/users-read-model.ts';

/** Events of a stream that one page looks at, so that a filter that few events pass does not read a long stream whole. */
const MOST_SCANNED = 2_000;

/** An event as it was written, and as this program understands it. */
export interface ReadEvent {
  readonly recorded: RecordedEvent;
  readonly event: ReachabilityEvent;
}

/** Events to list; a part that is left out lets every event pass. */
export interface EventFilter {
  readonly types?: readonly string[];
  /** ISO 8601, UTC with milliseconds, compared with the time of the writer's clock; inclusive. */
  readonly from?: string;
  /** Like `from`; exclusive. */
  readonly until?: string;
}

/** A page of events. It may have fewer rows than asked for, and still another page after it. */
export interface EventPage extends Page<ReadEvent> {
  /** Revisions between which the page looked, as cursors of the pages around it; null where it looked at nothing. */
  readonly edges: { readonly first: string; readonly last: string } | null;
}

/**
 * Reads a page of a stream's events, newest first. Cursors are revisions.
 *
 * @returns null if there is no such stream
 * @throws EventStoreError, UnknownEventTypeError, InvalidEventError
 */
export async function readEventPage(
  log: Pick<EventLog, 'readStream'>,
  stream: string,
  filter: EventFilter,
  { size, cursor }: PageRequest,
): Promise<EventPage | null> {
  const isOlder = 'after' in cursor;
  const edge = isOlder ? cursor.after : cursor.before;
  const from = edge === null ? {} : { from: Number(edge) + (isOlder ? -1 : 1) };
  if (edge === '0' && isOlder) return { ...NOTHING, hasPrevious: true };
  const rows: ReadEvent[] = [];
  const scanned: number[] = [];
  const events = log.readStream(stream, { ...from, backwards: isOlder, limit: MOST_SCANNED });
  let isFull = false;
  for await (const recorded of events) {
    isFull = rows.length === size;
    if (isFull) break;
    scanned.push(recorded.revision);
    if (passes(filter, recorded)) {
      rows.push({ recorded, event: reachabilityRegistry.decode(recorded) });
    }
  }
  const [first] = scanned;
  const last = scanned.at(-1);
  if (first === undefined || last === undefined) return edge === null ? null : NOTHING;
  const hasMore = isFull || scanned.length === MOST_SCANNED;
  return isOlder
    ? {
        rows,
        hasPrevious: edge !== null,
        hasNext: hasMore && last > 0,
        edges: { first: String(first), last: String(last) },
      }
    : {
        rows: rows.toReversed(),
        hasPrevious: hasMore,
        hasNext: true,
        edges: { first: String(last), last: String(first) },
      };
}

const NOTHING = { rows: [], hasPrevious: false, hasNext: false, edges: null };

function passes({ types, from, until }: EventFilter, { type, metadata }: RecordedEvent): boolean {
  const { occurredAt } = metadata;
  return (
    types?.includes(type) !== false &&
    (from === undefined || occurredAt >= from) &&
    (until === undefined || occurredAt < until)
  );
}
