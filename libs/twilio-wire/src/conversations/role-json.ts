import type { Role } from '#domain';
import type { ServiceRow } from '#read-model';
import { roleDates } from '../role-json.ts';
import { conversationsUrl, type ViewContext } from '../view-context.ts';

/** Names that Conversations has for the types of Roles. */
export const CONVERSATIONS_ROLE_TYPES = { service: 'deployment', conversation: 'channel' } as const;

/**
 * A Role in the JSON of Twilio Conversations, which calls a channel a conversation and its members participants, also
 * in permissions.
 *
 * @param base segments of its URL before `Roles`
 */
export function conversationsRoleJson(
  role: Role,
  service: ServiceRow,
  base: readonly string[],
  { accountSid, origin }: ViewContext,
) {
  const { createdAt, updatedAt } = roleDates(role, service);
  return {
    sid: role.sid,
    account_sid: accountSid,
    chat_service_sid: service.sid,
    friendly_name: role.friendlyName,
    type: role.type === 'channel' ? 'conversation' : 'service',
    permissions: role.permissions.map((permission) =>
      permission.replace('Channel', 'Conversation').replace('Member', 'Participant'),
    ),
    date_created: createdAt,
    date_updated: updatedAt,
    url: conversationsUrl(origin, ...base, 'Roles', role.sid),
  };
}
