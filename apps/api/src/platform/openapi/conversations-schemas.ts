import { date, described, flag, nullable, object, sid, text, url, type Schema } from './schema.ts';
import { facts, list } from './twilio-schemas.ts';

/** Schemas of the resources of Conversations v1, in exactly the shape of Twilio's API. */
export const CONVERSATIONS_SCHEMAS = {
  ConversationsService: object({
    sid: sid('IS'),
    account_sid: sid('AC'),
    friendly_name: text,
    date_created: date,
    date_updated: date,
    url,
    links: object({
      conversations: url,
      users: url,
      roles: url,
      bindings: url,
      configuration: url,
      participant_conversations: url,
      conversation_with_participants: url,
    }),
  }),
  ConversationsServiceList: list('services', 'ConversationsService'),
  ConversationsServiceConfiguration: object({
    chat_service_sid: sid('IS'),
    default_conversation_creator_role_sid: sid('RL'),
    default_conversation_role_sid: sid('RL'),
    default_chat_service_role_sid: sid('RL'),
    reachability_enabled: flag,
    url,
    links: object({ notifications: url, webhooks: url }),
  }),
  ConversationsUser: object({
    sid: sid('US'),
    account_sid: sid('AC'),
    chat_service_sid: sid('IS'),
    role_sid: sid('RL'),
    identity: text,
    friendly_name: nullable(text),
    attributes: described(text, 'A JSON document, as text.'),
    ...facts,
    date_created: date,
    date_updated: date,
    url,
    links: object({ user_conversations: url }),
  }),
  ConversationsUserList: list('users', 'ConversationsUser'),
} as const satisfies Readonly<Record<string, Schema>>;
