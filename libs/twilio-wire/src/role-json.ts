import type { Role } from '#domain';
import type { ServiceRow } from '#read-model';
import { toTwilioDate } from './twilio-date.ts';
import { apiUrl, type ViewContext } from './view-context.ts';

/** A Role of a Service in Twilio's JSON. A default Role is as old as its Service. */
export function roleJson(
  { sid, friendlyName, type, permissions, ...role }: Role,
  service: ServiceRow,
  { accountSid, origin }: ViewContext,
) {
  const { createdAt, updatedAt } = roleDates(role, service);
  return {
    sid,
    account_sid: accountSid,
    service_sid: service.sid,
    friendly_name: friendlyName,
    type,
    permissions,
    date_created: createdAt,
    date_updated: updatedAt,
    url: apiUrl(origin, 'Services', service.sid, 'Roles', sid),
  };
}

/** Returns when a Role was created and last changed, in Twilio's format. */
export function roleDates(
  { createdAt, updatedAt }: Pick<Role, 'createdAt' | 'updatedAt'>,
  service: ServiceRow,
) {
  const created = createdAt ?? service.createdAt;
  return { createdAt: toTwilioDate(created), updatedAt: toTwilioDate(updatedAt ?? created) };
}
