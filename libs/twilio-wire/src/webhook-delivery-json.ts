import type { Delivery } from '#operational-state';
import { apiUrl, type ViewContext } from './view-context.ts';

/** A webhook delivery, in the style of Twilio's resources. */
export function webhookDeliveryJson(delivery: Delivery, { accountSid, origin }: ViewContext) {
  const { sid, serviceSid, userSid, eventType, status, attempts, responseCode } = delivery;
  return {
    sid,
    account_sid: accountSid,
    service_sid: serviceSid,
    user_sid: userSid,
    event_type: eventType,
    status,
    attempts,
    response_code: responseCode,
    error: delivery.error,
    date_next_attempt: toIso(delivery.nextAttemptAt),
    date_given_up: new Date(delivery.giveUpAt).toISOString(),
    date_created: new Date(delivery.createdAt).toISOString(),
    date_updated: new Date(delivery.updatedAt).toISOString(),
    parameters: Object.fromEntries(delivery.parameters),
    url: apiUrl(origin, 'Services', serviceSid, 'Webhooks', 'Deliveries', sid),
  };
}

function toIso(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
