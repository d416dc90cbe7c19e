import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '../errors.ts';
import { assertIdentity } from '../identity.ts';
import { userSid } from '../sids.ts';
import type { BindingType, CloseCause, UserEvent, UserEventData } from './user-events.ts';
import type { UserProfile, UserState } from './user-state.ts';

interface NewUser extends Partial<UserProfile> {
  readonly serviceSid: string;
  readonly identity: string;
}

interface Announced {
  /** Asks for the webhook of this write to be called. */
  readonly webhookEnabled?: boolean;
}

export type UserCommand =
  | ({ readonly type: 'CreateUser' } & NewUser & Announced)
  | ({ readonly type: 'UpdateUser'; readonly changes: Partial<UserProfile> } & Announced)
  /** `at`: ISO time of the command, the last-seen time of the Connections that it closes. */
  | { readonly type: 'DeleteUser'; readonly at: string }
  | ({
      readonly type: 'OpenConnection';
      /** Set where a valid token vouches for the identity: an unknown User is created. */
      readonly createAs?: NewUser;
    } & Pick<
      UserEventData<'ConnectionOpened'>,
      'connectionSid' | 'transport' | 'node' | 'deviceId' | 'ttlSeconds'
    >)
  | {
      readonly type: 'CloseConnection';
      readonly connectionSid: string;
      readonly cause: CloseCause;
      readonly lastSeenAt: string;
    }
  | {
      readonly type: 'RegisterBinding';
      readonly bindingSid: string;
      readonly bindingType: BindingType;
      readonly address: string;
      readonly endpoint: string;
    }
  | { readonly type: 'RemoveBinding'; readonly bindingSid: string };

type ActiveUser = Extract<UserState, { status: 'active' }>;

/**
 * Rules of a User, its Connections and its Bindings. They are facts, recorded whether or not reachability is
 * enabled; what changes nothing yields no event.
 *
 * @throws DomainError `USER.*`, `IDENTITY.*`, `CONNECTION.*`, `BINDING.NOT_FOUND`
 */
export function decideUser(command: UserCommand, state: UserState): UserEvent[] {
  if (command.type === 'CreateUser') {
    if (state.status === 'active') {
      throw new DomainError('USER.ALREADY_EXISTS', 'User already exists');
    }
    return [created(command)];
  }
  if (command.type === 'OpenConnection') return opened(command, state);
  if (state.status !== 'active') throw new DomainError('USER.NOT_FOUND', 'User not found');
  const ids = { serviceSid: state.serviceSid, userSid: state.userSid };
  switch (command.type) {
    case 'UpdateUser':
      return updated(state, command);
    case 'DeleteUser':
      return deleted(state, command.at);
    case 'CloseConnection': {
      const { connectionSid, cause, lastSeenAt } = command;
      if (!has(state.connections, connectionSid)) {
        throw new DomainError('CONNECTION.NOT_FOUND', 'Connection is not open');
      }
      return [{ type: 'ConnectionClosed', data: { ...ids, connectionSid, cause, lastSeenAt } }];
    }
    case 'RegisterBinding': {
      const { bindingSid, bindingType, address, endpoint } = command;
      const binding = { bindingType, address, endpoint };
      const registered = state.bindings.find(({ sid }) => sid === bindingSid);
      if (isDeepStrictEqual(registered, { sid: bindingSid, ...binding })) return [];
      return [{ type: 'BindingRegistered', data: { ...ids, bindingSid, ...binding } }];
    }
    case 'RemoveBinding': {
      const { bindingSid } = command;
      if (!has(state.bindings, bindingSid)) {
        throw new DomainError('BINDING.NOT_FOUND', 'Binding not found');
      }
      return [{ type: 'BindingRemoved', data: { ...ids, bindingSid } }];
    }
  }
}

function has(list: readonly { readonly sid: string }[], sid: string): boolean {
  return list.some((item) => item.sid === sid);
}

function created(user: NewUser & Announced): UserEvent {
  const { serviceSid, identity, friendlyName = null, attributes = '{}', roleSid = null } = user;
  assertIdentity(identity);
  return {
    type: 'UserCreated',
    data: {
      serviceSid,
      userSid: userSid(serviceSid, identity),
      identity,
      friendlyName,
      attributes,
      roleSid,
      ...announced(user),
    },
  };
}

function announced({ webhookEnabled = false }: Announced): { webhookEnabled?: true } {
  return webhookEnabled ? { webhookEnabled } : {};
}

function opened(
  command: Extract<UserCommand, { type: 'OpenConnection' }>,
  state: UserState,
): UserEvent[] {
  const { connectionSid, transport, node, deviceId, ttlSeconds, createAs } = command;
  // A sid derives from the UTF-8 of an identity, where a lone surrogate reads as U+FFFD: another User's identity.
  if (createAs !== undefined) assertIdentity(createAs.identity);
  const connection = { connectionSid, transport, node, deviceId, ttlSeconds };
  if (state.status === 'active') {
    if (has(state.connections, connectionSid)) {
      throw new DomainError('CONNECTION.ALREADY_EXISTS', 'Connection is already open');
    }
    const { serviceSid, userSid } = state;
    return [{ type: 'ConnectionOpened', data: { serviceSid, userSid, ...connection } }];
  }
  if (createAs === undefined) throw new DomainError('USER.NOT_FOUND', 'User not found');
  const creation = created(createAs);
  const { serviceSid, userSid } = creation.data;
  return [creation, { type: 'ConnectionOpened', data: { serviceSid, userSid, ...connection } }];
}

function updated(
  state: ActiveUser,
  command: Extract<UserCommand, { type: 'UpdateUser' }>,
): UserEvent[] {
  const { serviceSid, userSid, profile } = state;
  const current: Record<string, unknown> = profile;
  const changes = Object.fromEntries(
    Object.entries(command.changes).filter(([key, value]) => current[key] !== value),
  );
  if (Object.keys(changes).length === 0) return [];
  return [{ type: 'UserUpdated', data: { serviceSid, userSid, changes, ...announced(command) } }];
}

function deleted(state: ActiveUser, at: string): UserEvent[] {
  const ids = { serviceSid: state.serviceSid, userSid: state.userSid };
  return [
    ...state.connections.map(({ sid: connectionSid }): UserEvent => ({
      type: 'ConnectionClosed',
      data: { ...ids, connectionSid, cause: 'admin', lastSeenAt: at },
    })),
    ...state.bindings.map(({ sid: bindingSid }): UserEvent => ({
      type: 'BindingRemoved',
      data: { ...ids, bindingSid },
    })),
    { type: 'UserDeleted', data: ids },
  ];
}
