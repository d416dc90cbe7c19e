import type { BindingOfUser } from '#read-model';
import { bindingProperties } from './binding-properties.ts';
import { apiUrl, type ViewContext } from './view-context.ts';

/** All of Twilio's message types: here every Binding is for all of them. */
const MESSAGE_TYPES = [
  'new_message',
  'added_to_channel',
  'invited_to_channel',
  'removed_from_channel',
];

/** A Binding in Twilio's JSON, as a resource of its Service. */
export function bindingJson(serviceSid: string, binding: BindingOfUser, context: ViewContext) {
  const url = (...below: readonly string[]) =>
    apiUrl(context.origin, 'Services', serviceSid, ...below);
  return {
    ...shape(serviceSid, binding, context),
    message_types: MESSAGE_TYPES,
    url: url('Bindings', binding.sid),
    links: { user: url('Users', binding.identity) },
  };
}

/** A Binding in Twilio's JSON, as a resource of its User. */
export function userBindingJson(serviceSid: string, binding: BindingOfUser, context: ViewContext) {
  const { sid, userSid } = binding;
  return {
    ...shape(serviceSid, binding, context),
    message_types: MESSAGE_TYPES,
    user_sid: userSid,
    url: apiUrl(context.origin, 'Services', serviceSid, 'Users', userSid, 'Bindings', sid),
  };
}

function shape(serviceSid: string, binding: BindingOfUser, { accountSid }: ViewContext) {
  return {
    sid: binding.sid,
    account_sid: accountSid,
    service_sid: serviceSid,
    ...bindingProperties(binding),
  };
}
