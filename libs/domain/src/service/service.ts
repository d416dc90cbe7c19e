import type { Decider } from '../decider.ts';
import { decideService, type ServiceCommand } from './decide-service.ts';
import type { ServiceEvent } from './service-events.ts';
import type { ServiceState } from './service-state.ts';
import { FRESH_SERVICE_SETTINGS, type ServiceSettings } from './service-settings.ts';

const initialState: ServiceState = { status: 'absent' };

function evolve(state: ServiceState, event: ServiceEvent): ServiceState {
  if (event.type === 'ServiceCreated') {
    return {
      status: 'active',
      sid: event.data.serviceSid,
      settings: { ...FRESH_SERVICE_SETTINGS, friendlyName: event.data.friendlyName },
      reachabilityEnabled: false,
    };
  }
  if (state.status !== 'active') return state;
  switch (event.type) {
    case 'ServiceUpdated':
      return { ...state, settings: applySettings(state.settings, event.data.changes) };
    case 'ReachabilityEnabled':
      return { ...state, reachabilityEnabled: true };
    case 'ReachabilityDisabled':
      return { ...state, reachabilityEnabled: false };
    case 'ServiceDeleted':
      return { status: 'deleted' };
  }
}

/** Settings after a `ServiceUpdated`; shared by the aggregate and every fold over the log. */
export function applySettings(
  settings: ServiceSettings,
  changes: Partial<ServiceSettings>,
): ServiceSettings {
  return { ...settings, ...changes };
}

export const serviceDecider: Decider<ServiceState, ServiceCommand, ServiceEvent> = {
  initialState,
  decide: decideService,
  evolve,
};
