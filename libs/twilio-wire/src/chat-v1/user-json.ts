import type { UserInService } from '#read-model';
import { userJson, userListItemJson } from '../user-json.ts';
import { chatV1Url, type ViewContext } from '../view-context.ts';

/** A User in the JSON of Twilio's chat v1, with the real values of `is_online` and `is_notifiable`. */
export function chatV1UserJson(found: UserInService, context: ViewContext) {
  return { ...userJson(found, context), ...placeOf(found, context) };
}

/** A User in the JSON of Twilio's chat v1 as an item of a list, where Twilio always shows both values as null. */
export function chatV1UserListItemJson(found: UserInService, context: ViewContext) {
  return { ...userListItemJson(found, context), ...placeOf(found, context) };
}

function placeOf({ user }: UserInService, { origin }: ViewContext) {
  const url = chatV1Url(origin, 'Services', user.serviceSid, 'Users', user.sid);
  return { links: { user_channels: `${url}/Channels` }, url };
}
