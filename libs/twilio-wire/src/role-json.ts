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
  const createdAt = role.createdAt ?? service.createdAt;
  return {
    sid,
    account_sid: accountSid,
    service_sid: service.sid,
    friendly_name: friendlyName,
    type,
    permissions,
    date_created: toTwilioDate(createdAt),
    date_updated: toTwilioDate(role.updatedAt ?? createdAt),
    url: apiUrl(origin, 'Services', service.sid, 'Roles', sid),
  };
}
