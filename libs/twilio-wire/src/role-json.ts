import type { Role } from '#domain';
import type { ServiceRow } from '#read-model';
import { toTwilioDate } from './twilio-date.ts';
import { apiUrl, type ViewContext } from './view-context.ts';

/** A Role of a Service in Twilio's JSON. Its dates are those of the Service. */
export function roleJson(
  { sid, friendlyName, type, permissions }: Role,
  service: ServiceRow,
  { accountSid, origin }: ViewContext,
) {
  const created = toTwilioDate(service.createdAt);
  return {
    sid,
    account_sid: accountSid,
    service_sid: service.sid,
    friendly_name: friendlyName,
    type,
    permissions,
    date_created: created,
    date_updated: created,
    url: apiUrl(origin, 'Services', service.sid, 'Roles', sid),
  };
}
