import type { ServiceRow } from '#read-model';
import { notificationJson } from '../notification-json.ts';
import { conversationsUrl, type ViewContext } from '../view-context.ts';

/** The push settings of a Service in the JSON of Twilio Conversations. */
export function serviceNotificationsJson(
  { sid, settings: { notifications } }: ServiceRow,
  { accountSid, origin }: ViewContext,
) {
  const { logEnabled, newMessage, addedToChannel, removedFromChannel } = notifications;
  return {
    account_sid: accountSid,
    chat_service_sid: sid,
    log_enabled: logEnabled,
    new_message: {
      ...notificationJson(newMessage),
      with_media: newMessage.withMedia ?? { enabled: false },
    },
    added_to_conversation: notificationJson(addedToChannel),
    removed_from_conversation: notificationJson(removedFromChannel),
    url: conversationsUrl(origin, 'Services', sid, 'Configuration', 'Notifications'),
  };
}
