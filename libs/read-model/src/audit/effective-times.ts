import { reachabilityRegistry, type ReachabilityEvent } from '#domain';
import type { RecordedEvent } from '#event-store';
import { effectiveTime } from '#projections';

/** An event with the time that counts for it. */
export interface TimedEvent {
  readonly recorded: RecordedEvent;
  /** ISO 8601: the highest `occurredAt` up to here, since clocks differ between writers. */
  readonly effectiveAt: string;
}

/** An event as an auditor sees it: upcast, checked, and with the time that counts. */
export interface AuditedEvent extends TimedEvent {
  readonly event: ReachabilityEvent;
}

/**
 * Effective times of events in log order. They are exact where the events are the log from its beginning; where
 * they are some of its streams, exact as far as the writers' clocks agree.
 */
export function effectiveTimes(events: readonly RecordedEvent[]): TimedEvent[] {
  let effectiveAt: string | null = null;
  return events.map((recorded) => {
    effectiveAt = effectiveTime(effectiveAt, recorded.metadata.occurredAt);
    return { recorded, effectiveAt };
  });
}

/** @throws UnknownEventTypeError, InvalidEventError */
export function audited({ recorded, effectiveAt }: TimedEvent): AuditedEvent {
  return { recorded, effectiveAt, event: reachabilityRegistry.decode(recorded) };
}
