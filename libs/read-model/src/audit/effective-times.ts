import { reachabilityRegistry, type ReachabilityEvent } from '#domain';
import type { RecordedEvent } from '#event-store';
import { effectiveTime } from '#projections';

/** An event with its effective time. */
export interface TimedEvent {
  readonly recorded: RecordedEvent;
  /** ISO 8601; see `effectiveTime`. */
  readonly effectiveAt: string;
}

/** An event for an audit: upcast, validated, with its effective time. */
export interface AuditedEvent extends TimedEvent {
  readonly event: ReachabilityEvent;
}

/**
 * Effective times of events in log order. They are exact for the whole log. For some of its streams, they are as exact
 * as the writers' clocks agree.
 */
export function effectiveTimes(events: readonly RecordedEvent[]): TimedEvent[] {
  let effectiveAt: string | null = null;
  return events.map((recorded) => {
    effectiveAt = effectiveTime(effectiveAt, recorded.metadata);
    return { recorded, effectiveAt };
  });
}

/** @throws UnknownEventTypeError, InvalidEventError */
export function toAuditedEvent({ recorded, effectiveAt }: TimedEvent): AuditedEvent {
  return { recorded, effectiveAt, event: reachabilityRegistry.decode(recorded) };
}
