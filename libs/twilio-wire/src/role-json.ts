import type { Role } from '#domain';
import type { ServiceRow } from '#read-model';
import { toTwilioDate } from './twilio-date.ts';
import { apiUrl, type ViewContext } from './view-context.ts';

/** A Role of a Service as Twilio's wire shows it; it is as old as the Service. */
export function roleJson(
  { sid, friendlyName, type, permissions }: Role,
  service: ServiceRow,
  { accountSid, origin }: ViewContext,
) {
  const born = toTwilioDate(service.createdAt);
  return {
    sid,
    account_sid: accountSid,
    service_sid: service.sid,
    friendly_name: friendlyName,
    type,
    permissions,
    date_created: born,
    date_updated: born,
    url: apiUrl(origin, 'Services', service.sid, 'Roles', sid),
  };
}
