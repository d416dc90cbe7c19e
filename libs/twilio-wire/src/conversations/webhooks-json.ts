import type { ServiceRow } from '#read-model';
import { conversationsUrl, type ViewContext } from '../view-context.ts';
import { maskedWebhookUrls } from '../webhook-settings.ts';

/** The webhook of a Service in the JSON of Twilio Conversations, without the passwords of its URLs. */
export function serviceWebhooksJson(service: ServiceRow, { accountSid, origin }: ViewContext) {
  return {
    account_sid: accountSid,
    chat_service_sid: service.sid,
    ...webhookProperties(service),
    url: conversationsUrl(origin, 'Services', service.sid, 'Configuration', 'Webhooks'),
  };
}

/** The webhook of the default Service in the JSON of Twilio Conversations, as a resource of the account. */
export function accountWebhooksJson(service: ServiceRow, { accountSid, origin }: ViewContext) {
  return {
    account_sid: accountSid,
    ...webhookProperties(service),
    target: 'webhook',
    url: conversationsUrl(origin, 'Configuration', 'Webhooks'),
  };
}

function webhookProperties(service: ServiceRow) {
  return {
    ...maskedWebhookUrls(service),
    filters: service.settings.webhookFilters,
    method: service.settings.webhookMethod,
  };
}
