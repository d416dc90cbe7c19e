import { answerFor, type UserInService } from '#read-model';
import { toTwilioDate } from '../twilio-date.ts';
import { NOT_SHOWN, userProperties, type ReachabilityValues } from '../user-properties.ts';
import { conversationsUrl, type ViewContext } from '../view-context.ts';

/** Segments of a URL before `Users`: those of a Service, or none for the default Service. */
type UrlBase = readonly string[];

/** A User in the JSON of Twilio Conversations, with the real values of `is_online` and `is_notifiable`. */
export function conversationsUserJson(found: UserInService, base: UrlBase, context: ViewContext) {
  return shape(found, answerFor(found.user, found.service), base, context);
}

/** A User in the JSON of Twilio Conversations as an item of a list, where both values are null. */
export function conversationsUserListItemJson(
  found: UserInService,
  base: UrlBase,
  context: ViewContext,
) {
  return shape(found, NOT_SHOWN, base, context);
}

function shape(
  found: UserInService,
  reachability: ReachabilityValues,
  base: UrlBase,
  { accountSid, origin }: ViewContext,
) {
  const { user } = found;
  const url = conversationsUrl(origin, ...base, 'Users', user.sid);
  return {
    sid: user.sid,
    account_sid: accountSid,
    chat_service_sid: user.serviceSid,
    ...userProperties(found, reachability),
    date_created: toTwilioDate(user.createdAt),
    date_updated: toTwilioDate(user.updatedAt),
    url,
    links: { user_conversations: `${url}/Conversations` },
  };
}
