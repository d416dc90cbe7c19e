import type { RecordedEvent } from '#event-store';
import { toAuditedEvent, effectiveTimes, type AuditedEvent } from './effective-times.ts';

const FLAG_TYPES = [
  'ServiceCreated',
  'ReachabilityEnabled',
  'ReachabilityDisabled',
  'ServiceDeleted',
];

/**
 * Events that changed the reachability flag of a Service, oldest first, including its creation and deletion.
 *
 * @param stream all events of the Service, in order
 * @throws UnknownEventTypeError, InvalidEventError
 */
export function flagHistory(stream: readonly RecordedEvent[]): AuditedEvent[] {
  return effectiveTimes(stream)
    .filter(({ recorded }) => FLAG_TYPES.includes(recorded.type))
    .map(toAuditedEvent);
}
