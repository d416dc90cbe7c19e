import { LRUCache } from 'lru-cache';
import { roleSids } from '#domain';
import { answerFor, type ServiceRow, type UserInService, type UserSummary } from '#read-model';
import { toTwilioDate } from './twilio-date.ts';
import { apiUrl, type ViewContext } from './view-context.ts';

/** Sids of default Roles, by Service: deriving one for each answer would cost more than reading the User. */
const defaultRoles = new LRUCache<string, string>({
  max: 10_000,
  memoMethod: (serviceSid) => roleSids(serviceSid).serviceUser,
});

/** A User in Twilio's JSON, with the real values of `is_online` and `is_notifiable`. */
export function userJson({ user, service }: UserInService, context: ViewContext) {
  const { isOnline, isNotifiable } = answerFor(user, service);
  return shape(user, service, { isOnline, isNotifiable }, context);
}

/** A User in Twilio's JSON as an item of a list, where Twilio always shows both values as null. */
export function userListItemJson({ user, service }: UserInService, context: ViewContext) {
  return shape(user, service, { isOnline: null, isNotifiable: null }, context);
}

interface ReachabilityValues {
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
}

function shape(
  user: UserSummary,
  service: ServiceRow,
  { isOnline, isNotifiable }: ReachabilityValues,
  { accountSid, origin }: ViewContext,
) {
  const url = apiUrl(origin, 'Services', user.serviceSid, 'Users', user.sid);
  const { defaultServiceRoleSid } = service.settings;
  return {
    sid: user.sid,
    account_sid: accountSid,
    service_sid: user.serviceSid,
    role_sid: user.roleSid ?? defaultServiceRoleSid ?? defaultRoles.memo(user.serviceSid),
    identity: user.identity,
    friendly_name: user.friendlyName,
    attributes: user.attributes,
    is_online: isOnline,
    is_notifiable: isNotifiable,
    joined_channels_count: 0,
    date_created: toTwilioDate(user.createdAt),
    date_updated: toTwilioDate(user.updatedAt),
    links: { user_channels: `${url}/Channels`, user_bindings: `${url}/Bindings` },
    url,
  };
}
