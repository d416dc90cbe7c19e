import { hasReached, type EventLog, type Position } from '#event-store';

/** Beyond this number, events are no longer counted and `isTruncated` is true. */
const MAX_COUNTED = 10_000;

/** How far a projection is behind its log. */
export interface Lag {
  readonly events: number;
  /** There are more events than were counted. */
  readonly isTruncated: boolean;
  /** Age of the oldest event that is not projected yet; 0 when there is none. */
  readonly seconds: number;
}

/** Counts the events after a position, since positions may have gaps. */
export async function lagOf(
  log: Pick<EventLog, 'head' | 'readAll'>,
  position: Position | null,
  now: Date,
): Promise<Lag> {
  if (hasReached(position, await log.head())) return { events: 0, isTruncated: false, seconds: 0 };
  let events = 0;
  let oldest: string | null = null;
  for await (const event of log.readAll({ after: position, limit: MAX_COUNTED + 1 })) {
    events += 1;
    oldest ??= event.metadata.occurredAt;
  }
  const seconds = oldest === null ? 0 : Math.max(0, now.getTime() - Date.parse(oldest)) / 1_000;
  return { events: Math.min(events, MAX_COUNTED), isTruncated: events > MAX_COUNTED, seconds };
}
