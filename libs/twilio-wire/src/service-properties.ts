import type { ServiceRow } from '#read-model';
import { defaultRoleSids } from './default-roles.ts';
import { notificationJson } from './notification-json.ts';
import { toTwilioDate } from './twilio-date.ts';
import type { ViewContext } from './view-context.ts';
import { maskedWebhookUrls } from './webhook-settings.ts';

/** Returns the properties of a Service that chat v1 and v2 share, without the passwords of its webhook URLs. */
export function serviceProperties(service: ServiceRow, { accountSid }: ViewContext) {
  const { sid, settings, reachabilityEnabled, createdAt, updatedAt } = service;
  const roles = defaultRoleSids(service);
  const { notifications } = settings;
  return {
    sid,
    account_sid: accountSid,
    friendly_name: settings.friendlyName,
    date_created: toTwilioDate(createdAt),
    date_updated: toTwilioDate(updatedAt),
    default_service_role_sid: roles.service,
    default_channel_role_sid: roles.channel,
    default_channel_creator_role_sid: roles.channelCreator,
    read_status_enabled: settings.readStatusEnabled,
    reachability_enabled: reachabilityEnabled,
    typing_indicator_timeout: settings.typingIndicatorTimeout,
    consumption_report_interval: settings.consumptionReportInterval,
    limits: {
      channel_members: settings.limits.channelMembers,
      user_channels: settings.limits.userChannels,
    },
    ...maskedWebhookUrls(service),
    webhook_method: settings.webhookMethod,
    webhook_filters: settings.webhookFilters,
    notifications: {
      log_enabled: notifications.logEnabled,
      new_message: notificationJson(notifications.newMessage),
      added_to_channel: notificationJson(notifications.addedToChannel),
      removed_from_channel: notificationJson(notifications.removedFromChannel),
      invited_to_channel: notificationJson(notifications.invitedToChannel),
    },
  };
}
