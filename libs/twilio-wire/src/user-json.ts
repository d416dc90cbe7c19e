import { answerFor, type UserInService } from '#read-model';
import { toTwilioDate } from './twilio-date.ts';
import { NOT_SHOWN, userProperties, type ReachabilityValues } from './user-properties.ts';
import { apiUrl, type ViewContext } from './view-context.ts';

/** A User in Twilio's JSON, with the real values of `is_online` and `is_notifiable`. */
export function userJson(found: UserInService, context: ViewContext) {
  return shape(found, answerFor(found.user, found.service), context);
}

/** A User in Twilio's JSON as an item of a list, where Twilio always shows both values as null. */
export function userListItemJson(found: UserInService, context: ViewContext) {
  return shape(found, NOT_SHOWN, context);
}

function shape(
  found: UserInService,
  reachability: ReachabilityValues,
  { accountSid, origin }: ViewContext,
) {
  const { user } = found;
  const url = apiUrl(origin, 'Services', user.serviceSid, 'Users', user.sid);
  const properties = userProperties(found, reachability);
  // One by one: a spread amid a literal makes an object that is slow to make and to serialize.
  return {
    sid: user.sid,
    account_sid: accountSid,
    service_sid: user.serviceSid,
    role_sid: properties.role_sid,
    identity: properties.identity,
    friendly_name: properties.friendly_name,
    attributes: properties.attributes,
    is_online: properties.is_online,
    is_notifiable: properties.is_notifiable,
    joined_channels_count: 0,
    date_created: toTwilioDate(user.createdAt),
    date_updated: toTwilioDate(user.updatedAt),
    links: { user_channels: `${url}/Channels`, user_bindings: `${url}/Bindings` },
    url,
  };
}
