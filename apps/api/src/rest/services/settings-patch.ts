import type { ServiceSettingsPatch } from '#domain';
import type { UpdateServiceDto } from './services.dto.ts';

/** The settings that a request changes. */
export function toSettingsPatch(dto: UpdateServiceDto): ServiceSettingsPatch {
  return given<ServiceSettingsPatch>({
    friendlyName: dto.FriendlyName,
    defaultServiceRoleSid: dto.DefaultServiceRoleSid,
    defaultChannelRoleSid: dto.DefaultChannelRoleSid,
    defaultChannelCreatorRoleSid: dto.DefaultChannelCreatorRoleSid,
    readStatusEnabled: dto.ReadStatusEnabled,
    typingIndicatorTimeout: dto.TypingIndicatorTimeout,
    consumptionReportInterval: dto.ConsumptionReportInterval,
    limits: given({
      channelMembers: dto['Limits.ChannelMembers'],
      userChannels: dto['Limits.UserChannels'],
    }),
    ...toWebhookPatch({
      preUrl: dto.PreWebhookUrl,
      postUrl: dto.PostWebhookUrl,
      method: dto.WebhookMethod,
      filters: dto.WebhookFilters,
    }),
    preWebhookRetryCount: dto.PreWebhookRetryCount,
    postWebhookRetryCount: dto.PostWebhookRetryCount,
    notifications: given({
      logEnabled: dto['Notifications.LogEnabled'],
      newMessage: given({
        enabled: dto['Notifications.NewMessage.Enabled'],
        template: dto['Notifications.NewMessage.Template'],
        sound: dto['Notifications.NewMessage.Sound'],
        badgeCountEnabled: dto['Notifications.NewMessage.BadgeCountEnabled'],
      }),
      addedToChannel: given({
        enabled: dto['Notifications.AddedToChannel.Enabled'],
        template: dto['Notifications.AddedToChannel.Template'],
        sound: dto['Notifications.AddedToChannel.Sound'],
      }),
      removedFromChannel: given({
        enabled: dto['Notifications.RemovedFromChannel.Enabled'],
        template: dto['Notifications.RemovedFromChannel.Template'],
        sound: dto['Notifications.RemovedFromChannel.Sound'],
      }),
      invitedToChannel: given({
        enabled: dto['Notifications.InvitedToChannel.Enabled'],
        template: dto['Notifications.InvitedToChannel.Template'],
        sound: dto['Notifications.InvitedToChannel.Sound'],
      }),
    }),
    mediaCompatibilityMessage: dto['Media.CompatibilityMessage'],
  });
}

/** The webhook settings that a request changes. An empty URL or list removes the value. */
export function toWebhookPatch({
  preUrl,
  postUrl,
  method,
  filters,
}: {
  readonly preUrl: string | undefined;
  readonly postUrl: string | undefined;
  readonly method: string | undefined;
  readonly filters: string[] | undefined;
}): ServiceSettingsPatch {
  return given<ServiceSettingsPatch>({
    preWebhookUrl: emptyToNull(preUrl),
    postWebhookUrl: emptyToNull(postUrl),
    webhookMethod: method,
    webhookFilters: filters?.length === 0 ? null : filters,
  });
}

/** Returns null for the empty string, with which a form removes a value. */
export function emptyToNull(url: string | undefined): string | null | undefined {
  return url === '' ? null : url;
}

/** Returns the values without the keys whose value is undefined. */
export function given<T>(values: { readonly [K in keyof T]?: T[K] | undefined }): Partial<T> {
  const result: Partial<T> = {};
  for (const key in values) {
    const value = values[key];
    if (value !== undefined) result[key] = value;
  }
  return result;
}
