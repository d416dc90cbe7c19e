import {
  date,
  described,
  flag,
  nullable,
  object,
  sid,
  text,
  url,
  listOf,
  oneOf,
  ref,
  type Schema,
} from './schema.ts';
import { facts, list } from './twilio-schemas.ts';

const webhook = {
  pre_webhook_url: nullable(url),
  post_webhook_url: nullable(url),
  filters: nullable(listOf(text)),
  method: nullable(text),
  url,
};
const notification = { enabled: flag, template: text, sound: text };

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
  ConversationsServiceWebhooks: object({
    account_sid: sid('AC'),
    chat_service_sid: sid('IS'),
    ...webhook,
  }),
  ConversationsServiceNotifications: object({
    account_sid: sid('AC'),
    chat_service_sid: sid('IS'),
    log_enabled: flag,
    new_message: object(
      {
        ...notification,
        badge_count_enabled: flag,
        with_media: object({ enabled: flag, template: text }, ['template']),
      },
      ['template', 'sound', 'badge_count_enabled'],
    ),
    added_to_conversation: object(notification, ['template', 'sound']),
    removed_from_conversation: object(notification, ['template', 'sound']),
    url,
  }),
  ConversationsBinding: object({
    sid: sid('BS'),
    account_sid: sid('AC'),
    chat_service_sid: sid('IS'),
    date_created: date,
    date_updated: date,
    endpoint: text,
    identity: text,
    credential_sid: nullable(sid('CR')),
    binding_type: oneOf('apn', 'fcm', 'gcm'),
    message_types: listOf(text),
    url,
  }),
  ConversationsBindingList: list('bindings', 'ConversationsBinding'),
  ConversationsList: described(
    object({ meta: ref('PageMeta'), conversations: listOf({ type: 'object' }) }),
    'Always empty.',
  ),
} as const satisfies Readonly<Record<string, Schema>>;
