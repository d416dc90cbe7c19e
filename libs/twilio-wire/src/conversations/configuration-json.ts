import type { AccountConfiguration } from '#domain';
import type { ServiceRow } from '#read-model';
import { defaultRoleSids } from '../default-roles.ts';
import { conversationsUrl, type ViewContext } from '../view-context.ts';

/** The Configuration of a Service in the JSON of Twilio Conversations. It holds the reachability flag. */
export function serviceConfigurationJson(
  service: ServiceRow,
  { origin }: Pick<ViewContext, 'origin'>,
) {
  const roles = defaultRoleSids(service);
  const url = conversationsUrl(origin, 'Services', service.sid, 'Configuration');
  return {
    chat_service_sid: service.sid,
    default_conversation_creator_role_sid: roles.channelCreator,
    default_conversation_role_sid: roles.channel,
    default_chat_service_role_sid: roles.service,
    reachability_enabled: service.reachabilityEnabled,
    url,
    links: { notifications: `${url}/Notifications`, webhooks: `${url}/Webhooks` },
  };
}

/** The Configuration of the account in the JSON of Twilio Conversations. */
export function accountConfigurationJson(
  {
    serviceSid,
    configuration,
  }: { readonly serviceSid: string; readonly configuration: AccountConfiguration },
  { accountSid, origin }: ViewContext,
) {
  return {
    account_sid: accountSid,
    default_chat_service_sid: serviceSid,
    default_messaging_service_sid: configuration.defaultMessagingServiceSid,
    default_inactive_timer: configuration.defaultInactiveTimer,
    default_closed_timer: configuration.defaultClosedTimer,
    url: conversationsUrl(origin, 'Configuration'),
    links: {
      service: conversationsUrl(origin, 'Services', serviceSid, 'Configuration'),
      webhooks: conversationsUrl(origin, 'Configuration', 'Webhooks'),
    },
  };
}
