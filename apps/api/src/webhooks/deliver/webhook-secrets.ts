import type { Credentials } from '#shared/composition/credentials';
import type { Settings } from '#shared/settings/settings';

/** The secrets that sign webhooks. */
export interface WebhookSecrets {
  readonly current: string;
  /** The secret before a rotation, until every receiver knows the current one; null outside a rotation. */
  readonly previous: string | null;
}

/** Returns the secrets of the settings. As with Twilio, the auth token signs webhooks unless another secret is set. */
export function webhookSecrets(
  { WEBHOOK_SECRET, WEBHOOK_SECRET_PREVIOUS }: Settings,
  { authToken }: Pick<Credentials, 'authToken'>,
): WebhookSecrets {
  return { current: WEBHOOK_SECRET ?? authToken, previous: WEBHOOK_SECRET_PREVIOUS ?? null };
}
