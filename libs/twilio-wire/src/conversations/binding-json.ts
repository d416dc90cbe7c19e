import type { BindingOfUser } from '#read-model';
import { bindingProperties } from '../binding-properties.ts';
import { conversationsUrl, type ViewContext } from '../view-context.ts';

/** All message types of Conversations: here every Binding is for all of them. */
const MESSAGE_TYPES = ['new_message', 'added_to_conversation', 'removed_from_conversation'];

/** A Binding in the JSON of Twilio Conversations. */
export function conversationsBindingJson(
  serviceSid: string,
  binding: BindingOfUser,
  { accountSid, origin }: ViewContext,
) {
  return {
    sid: binding.sid,
    account_sid: accountSid,
    chat_service_sid: serviceSid,
    ...bindingProperties(binding),
    message_types: MESSAGE_TYPES,
    url: conversationsUrl(origin, 'Services', serviceSid, 'Bindings', binding.sid),
  };
}
