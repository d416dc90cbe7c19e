import type { Decider } from '../decider.ts';
import { decideUser, type UserCommand } from './decide-user.ts';
import type { UserEvent } from './user-events.ts';
import type { UserState } from './user-state.ts';

const initialState: UserState = { status: 'absent' };

function evolve(state: UserState, event: UserEvent): UserState {
  if (event.type === 'UserCreated') {
    const { serviceSid, userSid, friendlyName, attributes, roleSid } = event.data;
    const profile = { friendlyName, attributes, roleSid };
    const lists = { connections: [], bindings: [] };
    return { status: 'active', serviceSid, userSid, profile, ...lists, ...revocationOf(state) };
  }
  if (state.status !== 'active') return state;
  switch (event.type) {
    case 'UserUpdated':
      return { ...state, profile: { ...state.profile, ...event.data.changes } };
    case 'UserDeleted':
      return {
        ...initialState,
        ...revocationOf({ tokensRevokedAt: event.data.revokedAt ?? state.tokensRevokedAt }),
      };
    case 'TokensRevoked':
      return { ...state, tokensRevokedAt: event.data.revokedAt };
    case 'ConnectionOpened': {
      const { connectionSid, node, ttlSeconds } = event.data;
      const connection = { sid: connectionSid, node, ttlSeconds };
      return { ...state, connections: [...state.connections, connection] };
    }
    case 'ConnectionClosed':
      return { ...state, connections: without(state.connections, event.data.connectionSid) };
    case 'BindingRegistered': {
      const { bindingSid, bindingType, address, endpoint } = event.data;
      const binding = { sid: bindingSid, bindingType, address, endpoint };
      return { ...state, bindings: [...without(state.bindings, bindingSid), binding] };
    }
    case 'BindingRemoved':
      return { ...state, bindings: without(state.bindings, event.data.bindingSid) };
  }
}

function revocationOf({ tokensRevokedAt }: { readonly tokensRevokedAt?: string | undefined }) {
  return tokensRevokedAt === undefined ? {} : { tokensRevokedAt };
}

function without<T extends { readonly sid: string }>(list: readonly T[], sid: string): T[] {
  return list.filter((item) => item.sid !== sid);
}

export const userDecider: Decider<UserState, UserCommand, UserEvent> = {
  initialState,
  decide: decideUser,
  evolve,
};
