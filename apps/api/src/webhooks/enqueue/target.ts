import type { WebhookTarget } from '#operational-state';
import type { ServiceRow } from '#read-model';

/** The webhooks that this service sends; filters name them. */
const WEBHOOK_EVENTS = ['onUserAdded', 'onUserUpdated'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Whether a Service wants to be told of such an event: as with Twilio, only what its filters name. */
export function wants({ settings, deleted }: ServiceRow, event: WebhookEvent): boolean {
  const { postWebhookUrl, webhookFilters } = settings;
  return !deleted && postWebhookUrl !== null && webhookFilters?.includes(event) === true;
}

/** Where the webhooks of a Service go; null while it wants none. */
export function targetOf(service: ServiceRow): WebhookTarget | null {
  const { postWebhookUrl, webhookMethod } = service.settings;
  if (postWebhookUrl === null || !WEBHOOK_EVENTS.some((event) => wants(service, event)))
    return null;
  return { url: postWebhookUrl, method: webhookMethod === 'GET' ? 'GET' : 'POST' };
}
