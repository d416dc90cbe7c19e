import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsNotEmpty,
  IsUrl,
  MaxLength,
  ValidateIf,
} from 'class-validator';
import { Transform, type TransformFnParams } from 'class-transformer';
import { FRIENDLY_NAME_MAX_LENGTH } from '#domain';
import { Each } from '../../platform/http/parameters/each.ts';
import { WEBHOOK_EVENT_NAMES } from '#twilio-wire/webhook-events';
import {
  IsStorable,
  Optional,
  OptionalCount,
  OptionalFlag,
  OptionalRoleSid,
  OptionalText,
  Text,
  toList,
} from '../../platform/http/parameters/parameters.ts';

const LONGEST_TEXT = 2_048;
const LONGEST_URL = 2_048;
const MOST_FILTERS = 100;
/**
 * Largest value of a setting without effect. Twilio's own maximum would refuse the other parameters of the request, too,
 * such as `ReachabilityEnabled`; more would not fit the integers of Twilio's helpers.
 */
const LARGEST_COUNT = 2_147_483_647;

function withoutEmpty(parameter: TransformFnParams): unknown {
  const list = toList(parameter);
  return Array.isArray(list) ? list.filter((value) => value !== '') : list;
}

function isEventName(value: unknown): boolean {
  return typeof value === 'string' && WEBHOOK_EVENT_NAMES.includes(value);
}

/** An absolute http(s) URL, which may be in a private network; the empty string removes the URL. */
export const OptionalUrl = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: String, maxLength: LONGEST_URL }),
    ValidateIf((_: object, value: unknown) => value !== undefined && value !== ''),
    MaxLength(LONGEST_URL),
    IsStorable(),
    IsUrl({
      protocols: ['http', 'https'],
      require_protocol: true,
      require_tld: false,
      allow_underscores: true,
    }),
  );

export const OptionalMethod = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ enum: ['GET', 'POST'] }),
    Optional(),
    IsIn(['GET', 'POST']),
  );

export class CreateServiceDto {
  @Text(FRIENDLY_NAME_MAX_LENGTH)
  readonly FriendlyName!: string;
}

/** Every parameter of Twilio's Service update. */
export class UpdateServiceDto {
  @IsNotEmpty()
  @OptionalText(FRIENDLY_NAME_MAX_LENGTH)
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

  @OptionalCount(0, LARGEST_COUNT)
  readonly TypingIndicatorTimeout?: number;

  @OptionalCount(0, LARGEST_COUNT)
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

  @OptionalMethod()
  readonly WebhookMethod?: string;

  /** One empty value, a form's way to send an empty list, removes all filters. */
  @ApiPropertyOptional({ enum: WEBHOOK_EVENT_NAMES, isArray: true, maxItems: MOST_FILTERS })
  @Optional()
  @Transform(withoutEmpty)
  @IsArray()
  @ArrayMaxSize(MOST_FILTERS)
  @Each(isEventName, 'the name of an event')
  readonly WebhookFilters?: string[];

  @OptionalCount(0, LARGEST_COUNT)
  readonly 'Limits.ChannelMembers'?: number;

  @OptionalCount(0, LARGEST_COUNT)
  readonly 'Limits.UserChannels'?: number;

  @OptionalText(LONGEST_TEXT)
  readonly 'Media.CompatibilityMessage'?: string;

  @OptionalCount(0, LARGEST_COUNT)
  readonly PreWebhookRetryCount?: number;

  @OptionalCount(0, LARGEST_COUNT)
  readonly PostWebhookRetryCount?: number;
}
