/** Events of Twilio's Programmable Chat that webhook filters may name. */
const CHAT_EVENTS = [
  'onMessageSend',
  'onMessageSent',
  'onMessageUpdate',
  'onMessageUpdated',
  'onMessageRemove',
  'onMessageRemoved',
  'onMediaMessageSend',
  'onMediaMessageSent',
  'onChannelAdd',
  'onChannelAdded',
  'onChannelUpdate',
  'onChannelUpdated',
  'onChannelDestroy',
  'onChannelDestroyed',
  'onMemberAdd',
  'onMemberAdded',
  'onMemberUpdate',
  'onMemberUpdated',
  'onMemberRemove',
  'onMemberRemoved',
  'onUserAdded',
  'onUserUpdate',
  'onUserUpdated',
] as const;

/** Further events of Twilio's Conversations. */
const CONVERSATIONS_EVENTS = [
  'onMessageAdd',
  'onMessageAdded',
  'onConversationAdd',
  'onConversationAdded',
  'onConversationUpdate',
  'onConversationUpdated',
  'onConversationRemove',
  'onConversationRemoved',
  'onConversationStateUpdate',
  'onConversationStateUpdated',
  'onParticipantAdd',
  'onParticipantAdded',
  'onParticipantUpdate',
  'onParticipantUpdated',
  'onParticipantRemove',
  'onParticipantRemoved',
  'onDeliveryUpdated',
] as const;

/**
 * Names of events that webhook filters may have. A Service has one list of filters for both of Twilio's APIs, so either
 * API takes the names of the other, and a client can write back the filters that it has read.
 */
export const WEBHOOK_EVENT_NAMES: readonly string[] = [...CHAT_EVENTS, ...CONVERSATIONS_EVENTS];
