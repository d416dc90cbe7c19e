import { DEFAULT_SERVICE_SETTINGS, type ServiceEvent } from '#domain';
import type { ProjectedEvent } from '#projections';
import type { ServiceRow } from './users-state.ts';

/** Folds one event of a Service into its row. */
export function evolveService(
  row: ServiceRow | null,
  { event, position, effectiveAt }: ProjectedEvent<ServiceEvent>,
): ServiceRow | null {
  if (event.type === 'ServiceCreated') {
    return {
      kind: 'service',
      sid: event.data.serviceSid,
      settings: { ...DEFAULT_SERVICE_SETTINGS, friendlyName: event.data.friendlyName },
      reachabilityEnabled: false,
      flagPosition: null,
      flagChangedAt: null,
      createdAt: effectiveAt,
      createdPosition: position,
      updatedAt: effectiveAt,
      deleted: false,
    };
  }
  if (row === null) return null;
  switch (event.type) {
    case 'ServiceUpdated':
      return {
        ...row,
        settings: { ...row.settings, ...event.data.changes },
        updatedAt: effectiveAt,
      };
    case 'ReachabilityEnabled':
    case 'ReachabilityDisabled':
      return {
        ...row,
        reachabilityEnabled: event.type === 'ReachabilityEnabled',
        flagPosition: position,
        flagChangedAt: effectiveAt,
        updatedAt: effectiveAt,
      };
    case 'ServiceDeleted':
      return { ...row, deleted: true, updatedAt: effectiveAt };
  }
}
