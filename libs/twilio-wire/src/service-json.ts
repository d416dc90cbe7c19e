import { maskPassword, roleSids } from '#domain';
import type { ServiceRow } from '#read-model';
import { toTwilioDate } from './twilio-date.ts';
import { apiUrl, type ViewContext } from './view-context.ts';

const MEDIA_SIZE_LIMIT_MB = 150;

/** A Service in Twilio's JSON, without the passwords of its webhook URLs. */
export function serviceJson(
  { sid, settings, reachabilityEnabled, createdAt, updatedAt }: ServiceRow,
  { accountSid, origin }: ViewContext,
) {
  const url = (...segments: readonly string[]): string => apiUrl(origin, ...segments);
  const roles = roleSids(sid);
  const { notifications } = settings;
  return {
    sid,
    account_sid: accountSid,
    friendly_name: settings.friendlyName,
    date_created: toTwilioDate(createdAt),
    date_updated: toTwilioDate(updatedAt),
    default_service_role_sid: settings.defaultServiceRoleSid ?? roles.serviceUser,
    default_channel_role_sid: settings.defaultChannelRoleSid ?? roles.channelUser,
    default_channel_creator_role_sid: settings.defaultChannelCreatorRoleSid ?? roles.channelAdmin,
    read_status_enabled: settings.readStatusEnabled,
    reachability_enabled: reachabilityEnabled,
    typing_indicator_timeout: settings.typingIndicatorTimeout,
    consumption_report_interval: settings.consumptionReportInterval,
    limits: {
      channel_members: settings.limits.channelMembers,
      user_channels: settings.limits.userChannels,
    },
    pre_webhook_url: masked(settings.preWebhookUrl),
    post_webhook_url: masked(settings.postWebhookUrl),
    webhook_method: settings.webhookMethod,
    webhook_filters: settings.webhookFilters,
    pre_webhook_retry_count: settings.preWebhookRetryCount,
    post_webhook_retry_count: settings.postWebhookRetryCount,
    notifications: {
      log_enabled: notifications.logEnabled,
      new_message: notification(notifications.newMessage),
      added_to_channel: notification(notifications.addedToChannel),
      removed_from_channel: notification(notifications.removedFromChannel),
      invited_to_channel: notification(notifications.invitedToChannel),
    },
    media: {
      size_limit_mb: MEDIA_SIZE_LIMIT_MB,
      compatibility_message: settings.mediaCompatibilityMessage,
    },
    url: url('Services', sid),
    links: {
      channels: url('Services', sid, 'Channels'),
      users: url('Services', sid, 'Users'),
      roles: url('Services', sid, 'Roles'),
      bindings: url('Services', sid, 'Bindings'),
    },
  };
}

function masked(url: string | null): string | null {
  return url === null ? null : maskPassword(url);
}

type Notification = ServiceRow['settings']['notifications']['newMessage'];

/** Settings that were never set are omitted, as in Twilio's JSON. */
function notification({ enabled, template, sound, badgeCountEnabled }: Notification) {
  return {
    enabled,
    ...(template === undefined ? {} : { template }),
    ...(sound === undefined ? {} : { sound }),
    ...(badgeCountEnabled === undefined ? {} : { badge_count_enabled: badgeCountEnabled }),
  };
}
