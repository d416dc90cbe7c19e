import type { ServiceEvent } from '#domain';
import type { ProjectedEvent } from '#projections';
import type { ServiceRow } from '../users/users-state.ts';
import { causeOf } from './fact-cause.ts';
import type { ServiceFact, TimelineService } from './timeline-state.ts';

/**
 * Adds a fact if the event makes one. These events do: creation and deletion of the Service, changes of the flag, and
 * changes of the grace period, which answers show.
 */
export function withServiceFact(
  before: TimelineService | null,
  row: ServiceRow | null,
  { event, position, effectiveAt: at, metadata }: ProjectedEvent<ServiceEvent>,
): TimelineService | null {
  if (row === null) return null;
  const { graceSeconds } = row.settings;
  const unwritten = before?.unwritten ?? null;
  if (event.type === 'ServiceUpdated' && graceSeconds === before?.row.settings.graceSeconds) {
    return { kind: 'service', row, unwritten: unwritten };
  }
  const fact: ServiceFact = {
    kind: 'service',
    serviceSid: row.sid,
    position,
    at,
    reachabilityEnabled: row.reachabilityEnabled,
    flagPosition: row.flagPosition,
    flagChangedAt: row.flagChangedAt,
    graceSeconds,
    deleted: row.deleted,
    cause: causeOf(event, metadata.actor),
  };
  return { kind: 'service', row, unwritten: { fact, older: unwritten } };
}
