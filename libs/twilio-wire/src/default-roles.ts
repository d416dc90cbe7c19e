import { LRUCache } from 'lru-cache';
import { roleSids } from '#domain';
import type { ServiceRow, UserSummary } from '#read-model';

/** Sids of default Roles, by Service: deriving one for each answer would cost more than reading the User. */
const serviceUserRoles = new LRUCache<string, string>({
  max: 10_000,
  memoMethod: (serviceSid) => roleSids(serviceSid).serviceUser,
});

/** Returns the sid of a User's Role: its own, or the default of its Service. */
export function roleSidOf(user: UserSummary, { settings }: ServiceRow): string {
  return user.roleSid ?? settings.defaultServiceRoleSid ?? serviceUserRoles.memo(user.serviceSid);
}

/** Returns the sids of the Roles that a Service gives by default: its settings, or those that it began with. */
export function defaultRoleSids({ sid, settings }: ServiceRow): {
  readonly service: string;
  readonly channel: string;
  readonly channelCreator: string;
} {
  const initial = roleSids(sid);
  return {
    service: settings.defaultServiceRoleSid ?? initial.serviceUser,
    channel: settings.defaultChannelRoleSid ?? initial.channelUser,
    channelCreator: settings.defaultChannelCreatorRoleSid ?? initial.channelAdmin,
  };
}
