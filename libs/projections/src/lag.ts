import { hasReached, type EventStore, type Position } from '#event-store';

/** Most events that are counted: beyond it, `more` says that there are more. */
const MOST_COUNTED = 10_000;

/** How far a projection is behind its log. */
export interface Lag {
  readonly events: number;
  /** True: there are more events than were counted. */
  readonly more: boolean;
  /** Age of the oldest event that is not projected yet, in seconds; 0 when there is none. */
  readonly seconds: number;
}

/** Counts what stands after a place. A distance of positions would say nothing, so events and time do. */
export async function lagOf(log: EventStore, position: Position | null, now: Date): Promise<Lag> {
  if (hasReached(position, await log.head())) return { events: 0, more: false, seconds: 0 };
  let events = 0;
  let oldest: string | null = null;
  for await (const event of log.readAll({ after: position, limit: MOST_COUNTED + 1 })) {
    events += 1;
    oldest ??= event.metadata.occurredAt;
  }
  const seconds = oldest === null ? 0 : Math.max(0, now.getTime() - Date.parse(oldest)) / 1_000;
  return { events: Math.min(events, MOST_COUNTED), more: events > MOST_COUNTED, seconds };
}
