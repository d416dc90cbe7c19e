import type { ServiceRow } from '#read-model';
import { toTwilioDate } from '../twilio-date.ts';
import { conversationsUrl, type ViewContext } from '../view-context.ts';

/** A Service in the JSON of Twilio Conversations, where its settings are resources of their own. */
export function conversationsServiceJson(
  { sid, settings, createdAt, updatedAt }: ServiceRow,
  { accountSid, origin }: ViewContext,
) {
  const url = conversationsUrl(origin, 'Services', sid);
  return {
    sid,
    account_sid: accountSid,
    friendly_name: settings.friendlyName,
    date_created: toTwilioDate(createdAt),
    date_updated: toTwilioDate(updatedAt),
    url,
    links: {
      conversations: `${url}/Conversations`,
      users: `${url}/Users`,
      roles: `${url}/Roles`,
      bindings: `${url}/Bindings`,
      configuration: `${url}/Configuration`,
      participant_conversations: `${url}/ParticipantConversations`,
      conversation_with_participants: `${url}/ConversationWithParticipants`,
    },
  };
}
