import type { ServiceRow } from '#read-model';
import { serviceProperties } from './service-properties.ts';
import { apiUrl, type ViewContext } from './view-context.ts';

const MEDIA_SIZE_LIMIT_MB = 150;

/** A Service in Twilio's JSON, without the passwords of its webhook URLs. */
export function serviceJson(service: ServiceRow, context: ViewContext) {
  const { sid, settings } = service;
  const url = (...below: readonly string[]): string =>
    apiUrl(context.origin, 'Services', sid, ...below);
  return {
    ...serviceProperties(service, context),
    pre_webhook_retry_count: settings.preWebhookRetryCount,
    post_webhook_retry_count: settings.postWebhookRetryCount,
    media: {
      size_limit_mb: MEDIA_SIZE_LIMIT_MB,
      compatibility_message: settings.mediaCompatibilityMessage,
    },
    url: url(),
    links: {
      channels: url('Channels'),
      users: url('Users'),
      roles: url('Roles'),
      bindings: url('Bindings'),
    },
  };
}
