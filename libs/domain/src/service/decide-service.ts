import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '../errors.ts';
import type { ServiceEvent } from './service-events.ts';
import {
  patchSettings,
  type ServiceSettings,
  type ServiceSettingsPatch,
} from './service-settings.ts';
import type { ServiceState } from './service-state.ts';

export type ServiceCommand =
  | { readonly type: 'CreateService'; readonly serviceSid: string; readonly friendlyName: string }
  | {
      readonly type: 'UpdateService';
      readonly changes: ServiceSettingsPatch;
      /** The flag may change in the same command, as Twilio's update does it. */
      readonly reachabilityEnabled?: boolean;
    }
  | { readonly type: 'EnableReachability' }
  | { readonly type: 'DisableReachability' }
  | { readonly type: 'DeleteService' };

/**
 * Rules of a Service. What changes nothing yields no event.
 *
 * @throws DomainError `SERVICE.ALREADY_EXISTS`, `SERVICE.NOT_FOUND`
 */
export function decideService(command: ServiceCommand, state: ServiceState): ServiceEvent[] {
  if (command.type === 'CreateService') {
    if (state.status !== 'absent') {
      throw new DomainError('SERVICE.ALREADY_EXISTS', 'Service already exists');
    }
    const { serviceSid, friendlyName } = command;
    return [{ type: 'ServiceCreated', data: { serviceSid, friendlyName } }];
  }
  if (state.status !== 'active') throw new DomainError('SERVICE.NOT_FOUND', 'Service not found');
  switch (command.type) {
    case 'UpdateService':
      return [
        ...updated(state.sid, state.settings, command.changes),
        ...flagged(state, command.reachabilityEnabled ?? state.reachabilityEnabled),
      ];
    case 'EnableReachability':
      return flagged(state, true);
    case 'DisableReachability':
      return flagged(state, false);
    case 'DeleteService':
      return [{ type: 'ServiceDeleted', data: { serviceSid: state.sid } }];
  }
}

function updated(
  serviceSid: string,
  settings: ServiceSettings,
  patch: ServiceSettingsPatch,
): ServiceEvent[] {
  const current: Record<string, unknown> = settings;
  const changes = Object.fromEntries(
    Object.entries(patchSettings(settings, patch)).filter(
      ([key, value]) => !isDeepStrictEqual(current[key], value),
    ),
  );
  if (Object.keys(changes).length === 0) return [];
  return [{ type: 'ServiceUpdated', data: { serviceSid, changes } }];
}

function flagged(
  state: Extract<ServiceState, { status: 'active' }>,
  enabled: boolean,
): ServiceEvent[] {
  if (state.reachabilityEnabled === enabled) return [];
  const type = enabled ? 'ReachabilityEnabled' : 'ReachabilityDisabled';
  return [{ type, data: { serviceSid: state.sid } }];
}
