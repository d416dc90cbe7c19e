import type { Decider } from '../decider.ts';
import { decideUser, type UserCommand } from './decide-user.ts';
import type { UserEvent } from './user-events.ts';
import type { UserState } from './user-state.ts';

const initialState: UserState = { status: 'absent' };

function evolve(state: UserState, event: UserEvent): UserState {
  if (event.type === 'UserCreated') {
    const { serviceSid, userSid, friendlyName, attributes, roleSid } = event.data;
    const profile = { friendlyName, attributes, roleSid };
    return { status: 'active', serviceSid, userSid, profile, connections: {}, bindings: {} };
  }
  if (state.status !== 'active') return state;
  switch (event.type) {
    case 'UserUpdated':
      return { ...state, profile: { ...state.profile, ...event.data.changes } };
    case 'UserDeleted':
      return initialState;
    case 'ConnectionOpened': {
      const { connectionSid, node, ttlSeconds } = event.data;
      return {
        ...state,
        connections: { ...state.connections, [connectionSid]: { node, ttlSeconds } },
      };
    }
    case 'ConnectionClosed':
      return { ...state, connections: without(state.connections, event.data.connectionSid) };
    case 'BindingRegistered': {
      const { bindingSid, bindingType, address, endpoint } = event.data;
      return {
        ...state,
        bindings: { ...state.bindings, [bindingSid]: { bindingType, address, endpoint } },
      };
    }
    case 'BindingRemoved':
      return { ...state, bindings: without(state.bindings, event.data.bindingSid) };
  }
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> {
  const { [key]: _, ...rest } = record;
  return rest;
}

export const userDecider: Decider<UserState, UserCommand, UserEvent> = {
  initialState,
  decide: decideUser,
  evolve,
};
