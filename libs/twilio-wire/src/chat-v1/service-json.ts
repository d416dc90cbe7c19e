import type { ServiceRow } from '#read-model';
import { serviceProperties } from '../service-properties.ts';
import { chatV1Url, type ViewContext } from '../view-context.ts';
import { eventWebhooks } from '../webhook-settings.ts';

/** A Service in the JSON of Twilio's chat v1, without the passwords of its webhook URLs. */
export function chatV1ServiceJson(service: ServiceRow, context: ViewContext) {
  const url = (...below: readonly string[]): string =>
    chatV1Url(context.origin, 'Services', service.sid, ...below);
  return {
    ...serviceProperties(service, context),
    webhooks: eventWebhooks(service),
    url: url(),
    links: { channels: url('Channels'), users: url('Users'), roles: url('Roles') },
  };
}
