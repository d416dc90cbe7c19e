import { isDeepStrictEqual } from 'node:util';
import { Type, type Static } from 'typebox';
import { DomainError } from '../errors.ts';
import { Nullable } from '../nullable.ts';
import { roleSids } from '../sids.ts';

/** Most Roles of a Service. They are written together, in one event. */
const MOST_ROLES = 100;

/** A set of permissions in a Service, named as Twilio names them. This product does not enforce them. */
export const Role = Type.Object({
  sid: Type.String(),
  friendlyName: Type.String(),
  /** Whether it applies to the whole Service or to a channel. */
  type: Type.Union([Type.Literal('deployment'), Type.Literal('channel')]),
  permissions: Type.Array(Type.String()),
  /** ISO 8601; null for a default Role, which begins with its Service. */
  createdAt: Nullable(Type.String()),
  /** ISO 8601; null if it never changed. */
  updatedAt: Nullable(Type.String()),
});
export type Role = Static<typeof Role>;

/** Every type of Role, as the API documents them. */
export const ROLE_TYPES = Role.properties.type.anyOf.map((literal) => literal.const);

/** A change of a Service's Roles. `at` is an ISO time. */
export type RoleCommand =
  | {
      readonly type: 'CreateRole';
      readonly role: Pick<Role, 'sid' | 'friendlyName' | 'type' | 'permissions'>;
      readonly at: string;
    }
  | {
      readonly type: 'UpdateRole';
      readonly roleSid: string;
      readonly permissions: readonly string[];
      readonly at: string;
    }
  | { readonly type: 'DeleteRole'; readonly roleSid: string };

/** Returns the Roles of a Service, oldest first: those in its settings, or the default ones while none has changed. */
export function rolesOf({
  sid,
  settings,
}: {
  readonly sid: string;
  readonly settings: { readonly roles?: readonly Role[] };
}): readonly Role[] {
  return settings.roles ?? defaultRoles(sid);
}

/**
 * Returns the Roles of a Service after a change.
 *
 * @throws DomainError `ROLE.NOT_FOUND`, `ROLE.TOO_MANY`
 */
export function changeRoles(roles: readonly Role[], command: RoleCommand): Role[] {
  if (command.type === 'CreateRole') {
    if (roles.length >= MOST_ROLES) {
      throw new DomainError('ROLE.TOO_MANY', `A Service has at most ${MOST_ROLES} Roles`);
    }
    return [...roles, { ...command.role, createdAt: command.at, updatedAt: null }];
  }
  if (!roles.some(({ sid }) => sid === command.roleSid)) {
    throw new DomainError('ROLE.NOT_FOUND', 'Role not found');
  }
  if (command.type === 'DeleteRole') return roles.filter(({ sid }) => sid !== command.roleSid);
  const { roleSid, at } = command;
  const permissions = [...command.permissions];
  return roles.map((role) =>
    role.sid !== roleSid || isDeepStrictEqual(role.permissions, permissions)
      ? role
      : { ...role, permissions, updatedAt: at },
  );
}

/** Returns the Roles of a new Service with the permissions that Twilio's documentation lists. */
export function defaultRoles(serviceSid: string): readonly Role[] {
  const sids = roleSids(serviceSid);
  const dates = { createdAt: null, updatedAt: null };
  return [
    {
      sid: sids.serviceUser,
      friendlyName: 'service user',
      type: 'deployment',
      permissions: ['createChannel', 'joinChannel', 'editOwnUserInfo'],
      ...dates,
    },
    {
      sid: sids.channelUser,
      friendlyName: 'channel user',
      type: 'channel',
      permissions: [
        'sendMessage',
        'sendMediaMessage',
        'leaveChannel',
        'editNotificationLevel',
        'editOwnMemberAttributes',
        'editOwnMessage',
        'editOwnMessageAttributes',
        'deleteOwnMessage',
      ],
      ...dates,
    },
    {
      sid: sids.channelAdmin,
      friendlyName: 'channel admin',
      type: 'channel',
      permissions: [
        'sendMessage',
        'sendMediaMessage',
        'leaveChannel',
        'editNotificationLevel',
        'destroyChannel',
        'inviteMember',
        'addMember',
        'removeMember',
        'editChannelName',
        'editChannelAttributes',
        'editAnyMemberAttributes',
        'editAnyMessage',
        'editAnyMessageAttributes',
        'deleteAnyMessage',
      ],
      ...dates,
    },
  ];
}
