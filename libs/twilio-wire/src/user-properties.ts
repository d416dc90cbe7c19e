import type { UserInService } from '#read-model';
import { roleSidOf } from './default-roles.ts';

/** The values of `is_online` and `is_notifiable`. */
export interface ReachabilityValues {
  readonly isOnline: boolean | null;
  readonly isNotifiable: boolean | null;
}

/** The values in an item of a list, which are always null with Twilio. */
export const NOT_SHOWN: ReachabilityValues = { isOnline: null, isNotifiable: null };

/** Returns the properties of a User that every API version names in the same way. */
export function userProperties(
  { user, service }: UserInService,
  { isOnline, isNotifiable }: ReachabilityValues,
) {
  return {
    role_sid: roleSidOf(user, service),
    identity: user.identity,
    friendly_name: user.friendlyName,
    attributes: user.attributes,
    is_online: isOnline,
    is_notifiable: isNotifiable,
  };
}
