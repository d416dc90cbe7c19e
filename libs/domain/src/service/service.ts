import { isDeepStrictEqual } from 'node:util';
import type { Decider } from '../decider.ts';
import { DomainError } from '../errors.ts';
import { changeRoles, rolesOf, type RoleCommand } from './roles.ts';
import type { ServiceEvent } from './service-events.ts';
import {
  DEFAULT_SERVICE_SETTINGS,
  patchSettings,
  type ServiceSettings,
  type ServiceSettingsPatch,
} from './service-settings.ts';

/** A Service before its creation, active, or deleted for good: its sid never comes back. */
export type ServiceState =
  { readonly status: 'absent' } | ActiveService | { readonly status: 'deleted' };

interface ActiveService {
  readonly status: 'active';
  readonly sid: string;
  readonly settings: ServiceSettings;
  readonly reachabilityEnabled: boolean;
}

export type ServiceCommand =
  | { readonly type: 'CreateService'; readonly serviceSid: string; readonly friendlyName: string }
  | {
      readonly type: 'UpdateService';
      readonly changes: ServiceSettingsPatch;
      /** Twilio's update may change the flag together with the settings. */
      readonly reachabilityEnabled?: boolean;
    }
  /** The API sends `UpdateService`. The history seeder and tests switch only the flag. */
  | { readonly type: 'EnableReachability' }
  | { readonly type: 'DisableReachability' }
  | { readonly type: 'DeleteService' }
  | RoleCommand;

const initialState: ServiceState = { status: 'absent' };

/**
 * A command that changes nothing yields no event.
 *
 * @throws DomainError `SERVICE.ALREADY_EXISTS`, `SERVICE.NOT_FOUND`, `ROLE.NOT_FOUND`, `ROLE.TOO_MANY`
 */
function decide(command: ServiceCommand, state: ServiceState): ServiceEvent[] {
  if (command.type === 'CreateService') {
    const { serviceSid, friendlyName } = command;
    if (state.status === 'active') {
      throw new DomainError('SERVICE.ALREADY_EXISTS', 'Service already exists');
    }
    if (state.status === 'deleted') {
      const message = `Service ${serviceSid} was deleted, and its sid cannot be used again`;
      throw new DomainError('SERVICE.ALREADY_EXISTS', message);
    }
    return [{ type: 'ServiceCreated', data: { serviceSid, friendlyName } }];
  }
  if (state.status !== 'active') throw new DomainError('SERVICE.NOT_FOUND', 'Service not found');
  switch (command.type) {
    case 'UpdateService':
      return [
        ...updateSettings(state, command.changes),
        ...setReachability(state, command.reachabilityEnabled ?? state.reachabilityEnabled),
      ];
    case 'EnableReachability':
      return setReachability(state, true);
    case 'DisableReachability':
      return setReachability(state, false);
    case 'DeleteService':
      return [{ type: 'ServiceDeleted', data: { serviceSid: state.sid } }];
    case 'CreateRole':
    case 'UpdateRole':
    case 'DeleteRole':
      return updateSettings(state, { roles: changeRoles(rolesOf(state), command) });
  }
}

function updateSettings(
  { sid: serviceSid, settings }: ActiveService,
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

function setReachability(
  { sid: serviceSid, reachabilityEnabled }: ActiveService,
  enabled: boolean,
): ServiceEvent[] {
  if (reachabilityEnabled === enabled) return [];
  const type = enabled ? 'ReachabilityEnabled' : 'ReachabilityDisabled';
  return [{ type, data: { serviceSid } }];
}

function evolve(state: ServiceState, event: ServiceEvent): ServiceState {
  if (event.type === 'ServiceCreated') {
    return {
      status: 'active',
      sid: event.data.serviceSid,
      settings: { ...DEFAULT_SERVICE_SETTINGS, friendlyName: event.data.friendlyName },
      reachabilityEnabled: false,
    };
  }
  if (state.status !== 'active') return state;
  switch (event.type) {
    case 'ServiceUpdated':
      return { ...state, settings: { ...state.settings, ...event.data.changes } };
    case 'ReachabilityEnabled':
      return { ...state, reachabilityEnabled: true };
    case 'ReachabilityDisabled':
      return { ...state, reachabilityEnabled: false };
    case 'ServiceDeleted':
      return { status: 'deleted' };
  }
}

export const serviceDecider: Decider<ServiceState, ServiceCommand, ServiceEvent> = {
  initialState,
  decide,
  evolve,
};
