import type { WebhookTarget } from '#operational-state';
import type { ServiceRow } from '#read-model';

/** The webhooks that this service sends; filters name them. */
const WEBHOOK_EVENTS = ['onUserAdded', 'onUserUpdated'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/**
 * Whether a Service subscribes to a webhook event. As with Twilio, its filters must name the event, unless the Service
 * has a target for this event alone.
 */
export function isSubscribedTo({ settings, deleted }: ServiceRow, event: WebhookEvent): boolean {
  if (deleted) return false;
  if (event === 'onUserUpdated' && ownTarget(settings) !== null) return true;
  const { postWebhookUrl, webhookFilters } = settings;
  return postWebhookUrl !== null && webhookFilters?.includes(event) === true;
}

/** URL and method of a Service's webhooks; null while it subscribes to none. There is one target for all events. */
export function targetOf(service: ServiceRow): WebhookTarget | null {
  if (!WEBHOOK_EVENTS.some((event) => isSubscribedTo(service, event))) return null;
  const { postWebhookUrl, webhookMethod } = service.settings;
  const { url, method } = ownTarget(service.settings) ?? { url: postWebhookUrl, method: null };
  if (url === null) return null;
  return { url, method: (method ?? webhookMethod) === 'GET' ? 'GET' : 'POST' };
}

/** The target that chat v1 sets for `onUserUpdated`. */
function ownTarget({ webhooks }: ServiceRow['settings']) {
  const { targetUrl: url = null, method = null } = webhooks?.['onUserUpdated'] ?? {};
  return url === null ? null : { url, method };
}
