import { isDeepStrictEqual } from 'node:util';
import { DomainError } from '../errors.ts';
import { assertIdentity } from '../identity.ts';
import { userSid } from '../sids.ts';
import { isTokenRevoked } from './token-revocation.ts';
import type { BindingType, CloseCause, UserEvent, UserEventData } from './user-events.ts';
import type { UserProfile, UserState } from './user-state.ts';

interface NewUser extends Partial<UserProfile> {
  readonly serviceSid: string;
  readonly identity: string;
}

interface WebhookOption {
  /** Whether this write calls its webhook. */
  readonly webhookEnabled?: boolean;
}

export type UserCommand =
  | ({ readonly type: 'CreateUser' } & NewUser & WebhookOption)
  | ({ readonly type: 'UpdateUser'; readonly changes: Partial<UserProfile> } & WebhookOption)
  /** `at`: ISO time of the command. It becomes the last-seen time of the Connections that the command closes. */
  | { readonly type: 'DeleteUser'; readonly at: string }
  | ({
      readonly type: 'OpenConnection';
      /** Creates the User if it does not exist. Set only for an identity that a valid token proves. */
      readonly createAs?: NewUser;
      /** The access token of the client, unless a gateway opens the Connection with an API key. */
      readonly token?: {
        /** Seconds since 1970; null if the token does not say when it was issued. */
        readonly issuedAt: number | null;
      };
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
  | { readonly type: 'RemoveBinding'; readonly bindingSid: string }
  /** `at`: ISO time of the command. Tokens issued before it, or in its second, no longer count. */
  | { readonly type: 'RevokeTokens'; readonly at: string };

/** Most Bindings of one User. One more replaces the oldest of the same Endpoint, or else the oldest of all. */
export const MAX_BINDINGS_PER_USER = 50;

type ActiveUser = Extract<UserState, { status: 'active' }>;

/**
 * Decides a command on a User, its Connections or its Bindings. Connections and Bindings are recorded whether or not
 * reachability is enabled. A command that changes nothing yields no event.
 *
 * @throws DomainError `USER.*`, `IDENTITY.*`, `CONNECTION.*`, `BINDING.NOT_FOUND`, `TOKEN.REVOKED`
 */
export function decideUser(command: UserCommand, state: UserState): UserEvent[] {
  if (command.type === 'CreateUser') {
    if (state.status === 'active') {
      throw new DomainError('USER.ALREADY_EXISTS', 'User already exists');
    }
    return [userCreated(command)];
  }
  if (command.type === 'OpenConnection') return openConnection(command, state);
  if (state.status !== 'active') throw new DomainError('USER.NOT_FOUND', 'User not found');
  const ids = { serviceSid: state.serviceSid, userSid: state.userSid };
  switch (command.type) {
    case 'UpdateUser':
      return updateUser(state, command);
    case 'DeleteUser':
      return deleteUser(state, command.at);
    case 'CloseConnection': {
      const { connectionSid, cause, lastSeenAt } = command;
      if (!has(state.connections, connectionSid)) {
        throw new DomainError('CONNECTION.NOT_FOUND', 'Connection is not open');
      }
      return [{ type: 'ConnectionClosed', data: { ...ids, connectionSid, cause, lastSeenAt } }];
    }
    case 'RegisterBinding':
      return registerBinding(state, command);
    case 'RemoveBinding': {
      const { bindingSid } = command;
      if (!has(state.bindings, bindingSid)) {
        throw new DomainError('BINDING.NOT_FOUND', 'Binding not found');
      }
      return [{ type: 'BindingRemoved', data: { ...ids, bindingSid } }];
    }
    case 'RevokeTokens':
      return revokeTokens(state, command.at);
  }
}

function has(list: readonly { readonly sid: string }[], sid: string): boolean {
  return list.some((item) => item.sid === sid);
}

function userCreated(user: NewUser & WebhookOption): UserEvent {
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
      ...webhookFlag(user),
    },
  };
}

function webhookFlag({ webhookEnabled = false }: WebhookOption): { webhookEnabled?: true } {
  return webhookEnabled ? { webhookEnabled } : {};
}

function openConnection(
  command: Extract<UserCommand, { type: 'OpenConnection' }>,
  state: UserState,
): UserEvent[] {
  const { connectionSid, transport, node, deviceId, ttlSeconds, createAs, token } = command;
  // In UTF-8 a lone surrogate becomes U+FFFD, so the derived sid would be that of another User.
  if (createAs !== undefined) assertIdentity(createAs.identity);
  if (token !== undefined && isTokenRevoked(state.tokensRevokedAt, token.issuedAt)) {
    throw new DomainError('TOKEN.REVOKED', 'The access token was revoked');
  }
  const connection = { connectionSid, transport, node, deviceId, ttlSeconds };
  if (state.status === 'active') {
    if (has(state.connections, connectionSid)) {
      throw new DomainError('CONNECTION.ALREADY_EXISTS', 'Connection is already open');
    }
    const { serviceSid, userSid } = state;
    return [{ type: 'ConnectionOpened', data: { serviceSid, userSid, ...connection } }];
  }
  if (createAs === undefined) throw new DomainError('USER.NOT_FOUND', 'User not found');
  const creation = userCreated(createAs);
  const { serviceSid, userSid } = creation.data;
  return [creation, { type: 'ConnectionOpened', data: { serviceSid, userSid, ...connection } }];
}

function updateUser(
  state: ActiveUser,
  command: Extract<UserCommand, { type: 'UpdateUser' }>,
): UserEvent[] {
  const { serviceSid, userSid, profile } = state;
  const current: Record<string, unknown> = profile;
  const changes = Object.fromEntries(
    Object.entries(command.changes).filter(([key, value]) => current[key] !== value),
  );
  if (Object.keys(changes).length === 0) return [];
  return [{ type: 'UserUpdated', data: { serviceSid, userSid, changes, ...webhookFlag(command) } }];
}

function registerBinding(
  { serviceSid, userSid, bindings }: ActiveUser,
  { bindingSid, bindingType, address, endpoint }: Extract<UserCommand, { type: 'RegisterBinding' }>,
): UserEvent[] {
  const ids = { serviceSid, userSid };
  const binding = { bindingType, address, endpoint };
  const registered = bindings.find(({ sid }) => sid === bindingSid);
  if (isDeepStrictEqual(registered, { sid: bindingSid, ...binding })) return [];
  return [
    ...bindingsToReplace(bindings, bindingSid, endpoint).map(({ sid }): UserEvent => ({
      type: 'BindingRemoved',
      data: { ...ids, bindingSid: sid },
    })),
    { type: 'BindingRegistered', data: { ...ids, bindingSid, ...binding } },
  ];
}

/** Returns the Bindings that a new one has no room beside: those of its own device first, then the oldest. */
function bindingsToReplace(
  bindings: ActiveUser['bindings'],
  bindingSid: string,
  endpoint: string,
): ActiveUser['bindings'] {
  const others = bindings.filter(({ sid }) => sid !== bindingSid);
  const excess = others.length - (MAX_BINDINGS_PER_USER - 1);
  if (excess <= 0) return [];
  const ofDevice = others.filter((other) => other.endpoint === endpoint);
  const ofOthers = others.filter((other) => other.endpoint !== endpoint);
  return [...ofDevice, ...ofOthers].slice(0, excess);
}

function deleteUser(state: ActiveUser, at: string): UserEvent[] {
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
    { type: 'UserDeleted', data: { ...ids, revokedAt: later(at, state.tokensRevokedAt) } },
  ];
}

/** Connections that clients opened with a token end with it; those of other gateways have none. */
function revokeTokens(state: ActiveUser, at: string): UserEvent[] {
  const ids = { serviceSid: state.serviceSid, userSid: state.userSid };
  const revokedAt = later(at, state.tokensRevokedAt);
  const revoked: UserEvent = { type: 'TokensRevoked', data: { ...ids, revokedAt } };
  const closed = state.connections
    .filter(({ node }) => node !== null)
    .map(({ sid: connectionSid }): UserEvent => ({
      type: 'ConnectionClosed',
      data: { ...ids, connectionSid, cause: 'admin', lastSeenAt: at },
    }));
  return revokedAt === state.tokensRevokedAt ? closed : [revoked, ...closed];
}

/** The later of two ISO times: a revocation never takes back another, even if clocks differ. */
function later(at: string, other = ''): string {
  return at > other ? at : other;
}
