import { maskPassword } from '#domain';
import type { ServiceRow } from '#read-model';

/** Returns the webhook URLs of a Service as answers show them: without their passwords. */
export function maskedWebhookUrls({ settings }: ServiceRow) {
  return {
    pre_webhook_url: masked(settings.preWebhookUrl),
    post_webhook_url: masked(settings.postWebhookUrl),
  };
}

function masked(url: string | null): string | null {
  return url === null ? null : maskPassword(url);
}

/** Returns the webhooks by event, in the names of chat v1, such as `on_user_updated`. */
export function eventWebhooks({ settings: { webhooks = {} } }: ServiceRow) {
  return Object.fromEntries(
    Object.entries(webhooks).map(([event, { targetUrl, method }]) => [
      event.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      { url: masked(targetUrl), method },
    ]),
  );
}
