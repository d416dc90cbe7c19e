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
