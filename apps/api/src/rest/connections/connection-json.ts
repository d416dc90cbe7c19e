import { toTwilioDate } from '#twilio-wire/twilio-date';
import { apiUrl, type ViewContext } from '#twilio-wire/view-context';
import type { ConnectionWithDeadline } from '../../use-cases/connections/connection-with-deadline.ts';

/** A Connection in the style of Twilio's resources. */
export function connectionJson(
  { connection, deadline }: ConnectionWithDeadline,
  { accountSid, origin }: ViewContext,
) {
  const { sid, serviceSid, userSid, transport, deviceId, ttlSeconds, openedAt } = connection;
  return {
    sid,
    account_sid: accountSid,
    service_sid: serviceSid,
    user_sid: userSid,
    transport,
    device_id: deviceId,
    ttl: deadline?.ttlSeconds ?? ttlSeconds,
    date_created: toTwilioDate(openedAt),
    date_expires:
      deadline === null
        ? null
        : toTwilioDate(new Date(deadline.renewedAt + deadline.ttlSeconds * 1_000).toISOString()),
    url: apiUrl(origin, 'Services', serviceSid, 'Users', userSid, 'Connections', sid),
  };
}
