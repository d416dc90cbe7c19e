import type { RecordedEvent } from '#event-store';
import { toAuditedEvent, effectiveTimes, type AuditedEvent } from './effective-times.ts';

const FLAG_TYPES = [
  'ServiceCreated',
  'ReachabilityEnabled',
  'ReachabilityDisabled',
  'ServiceDeleted',
];

/**
 * Who changed the reachability flag of a Service and when, oldest first, from its creation to its deletion.
 *
 * @param stream all events of the Service, in order
 * @throws UnknownEventTypeError, InvalidEventError
 */
export function flagHistory(stream: readonly RecordedEvent[]): AuditedEvent[] {
  return effectiveTimes(stream)
    .filter(({ recorded }) => FLAG_TYPES.includes(recorded.type))
    .map(toAuditedEvent);
}
