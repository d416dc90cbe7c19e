import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsString,
  IsUrl,
  MaxLength,
  ValidateIf,
} from 'class-validator';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import type { ServiceSettingsPatch } from '#domain';
import {
  Optional,
  OptionalCount,
  OptionalFlag,
  OptionalRoleSid,
  OptionalText,
  toList,
} from '../../http/parameters.ts';

const LONGEST_NAME = 256;
const LONGEST_TEXT = 2_048;

/** An absolute http(s) URL; the empty string takes the URL away. */
const OptionalUrl = (): PropertyDecorator => (target, key) => {
  ValidateIf((dto: Record<string | symbol, unknown>) => ![undefined, ''].includes(read(dto, key)))(
    target,
    key,
  );
  ApiPropertyOptional({ type: String, maxLength: LONGEST_TEXT })(target, key);
  MaxLength(LONGEST_TEXT)(target, key);
  IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })(target, key);
};

function read(dto: Record<string | symbol, unknown>, key: string | symbol): string | undefined {
  const value = dto[key];
  return typeof value === 'string' ? value : value === undefined ? undefined : 'not text';
}

/** Everything that Twilio's Service update takes. */
export class UpdateServiceDto {
  @OptionalText(LONGEST_NAME)
  readonly FriendlyName?: string;

  @OptionalFlag()
  readonly ReachabilityEnabled?: boolean;

  @OptionalRoleSid()
  readonly DefaultServiceRoleSid?: string;

  @OptionalRoleSid()
  readonly DefaultChannelRoleSid?: string;

  @OptionalRoleSid()
  readonly DefaultChannelCreatorRoleSid?: string;

  @OptionalFlag()
  readonly ReadStatusEnabled?: boolean;

  @OptionalCount(1, 60)
  readonly TypingIndicatorTimeout?: number;

  @OptionalCount(0, 86_400)
  readonly ConsumptionReportInterval?: number;

  @OptionalFlag()
  readonly 'Notifications.LogEnabled'?: boolean;

  @OptionalFlag()
  readonly 'Notifications.NewMessage.Enabled'?: boolean;

  @OptionalText(LONGEST_TEXT)
  readonly 'Notifications.NewMessage.Template'?: string;

  @OptionalText(LONGEST_TEXT)
  readonly 'Notifications.NewMessage.Sound'?: string;

  @OptionalFlag()
  readonly 'Notifications.NewMessage.BadgeCountEnabled'?: boolean;

  @OptionalFlag()
  readonly 'Notifications.AddedToChannel.Enabled'?: boolean;

  @OptionalText(LONGEST_TEXT)
  readonly 'Notifications.AddedToChannel.Template'?: string;

  @OptionalText(LONGEST_TEXT)
  readonly 'Notifications.AddedToChannel.Sound'?: string;

  @OptionalFlag()
  readonly 'Notifications.RemovedFromChannel.Enabled'?: boolean;

  @OptionalText(LONGEST_TEXT)
  readonly 'Notifications.RemovedFromChannel.Template'?: string;

  @OptionalText(LONGEST_TEXT)
  readonly 'Notifications.RemovedFromChannel.Sound'?: string;

  @OptionalFlag()
  readonly 'Notifications.InvitedToChannel.Enabled'?: boolean;

  @OptionalText(LONGEST_TEXT)
  readonly 'Notifications.InvitedToChannel.Template'?: string;

  @OptionalText(LONGEST_TEXT)
  readonly 'Notifications.InvitedToChannel.Sound'?: string;

  @OptionalUrl()
  readonly PreWebhookUrl?: string;

  @OptionalUrl()
  readonly PostWebhookUrl?: string;

  @ApiPropertyOptional({ enum: ['GET', 'POST'] })
  @Optional()
  @IsIn(['GET', 'POST'])
  readonly WebhookMethod?: string;

  @ApiPropertyOptional({ type: [String], maxItems: 100 })
  @Optional()
  @Transform(toList)
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  readonly WebhookFilters?: string[];

  @OptionalCount(1, 1_000)
  readonly 'Limits.ChannelMembers'?: number;

  @OptionalCount(1, 1_000)
  readonly 'Limits.UserChannels'?: number;

  @OptionalText(LONGEST_TEXT)
  readonly 'Media.CompatibilityMessage'?: string;

  @OptionalCount(0, 3)
  readonly PreWebhookRetryCount?: number;

  @OptionalCount(0, 3)
  readonly PostWebhookRetryCount?: number;
}

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
    preWebhookUrl: emptyToNull(dto.PreWebhookUrl),
    postWebhookUrl: emptyToNull(dto.PostWebhookUrl),
    webhookMethod: dto.WebhookMethod,
    webhookFilters: dto.WebhookFilters,
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

function emptyToNull(url: string | undefined): string | null | undefined {
  return url === '' ? null : url;
}

/** Without the keys whose value is undefined. */
function given<T>(values: { readonly [K in keyof T]?: T[K] | undefined }): Partial<T> {
  const result: Partial<T> = {};
  for (const key in values) {
    const value = values[key];
    if (value !== undefined) result[key] = value;
  }
  return result;
}
