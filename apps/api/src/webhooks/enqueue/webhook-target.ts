import type { WebhookTarget } from '#operational-state';
import type { ServiceRow } from '#read-model';

/** The webhooks that this service sends; filters name them. */
const WEBHOOK_EVENTS = ['onUserAdded', 'onUserUpdated'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Whether a Service subscribes to a webhook event. As with Twilio, its filters must name the event. */
export function isSubscribedTo({ settings, deleted }: ServiceRow, event: WebhookEvent): boolean {
  const { postWebhookUrl, webhookFilters } = settings;
  return !deleted && postWebhookUrl !== null && webhookFilters?.includes(event) === true;
}

/** URL and method of a Service's webhooks; null while it subscribes to none. */
export function targetOf(service: ServiceRow): WebhookTarget | null {
  const { postWebhookUrl, webhookMethod } = service.settings;
  if (postWebhookUrl === null || !WEBHOOK_EVENTS.some((event) => isSubscribedTo(service, event)))
    return null;
  return { url: postWebhookUrl, method: webhookMethod === 'GET' ? 'GET' : 'POST' };
}
