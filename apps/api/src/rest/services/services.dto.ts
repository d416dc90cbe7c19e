import { IsNotEmpty } from 'class-validator';
import { FRIENDLY_NAME_MAX_LENGTH } from '#domain';
import {
  OptionalCount,
  OptionalFlag,
  OptionalRoleSid,
  OptionalText,
  Text,
} from '../../platform/http/parameters/parameters.ts';
import { OptionalEventNames, OptionalMethod, OptionalUrl } from './webhook-parameters.ts';

/** Most characters of the template or sound of a notification. */
export const LONGEST_TEXT = 2_048;
/**
 * Largest value of a setting without effect. Twilio's own maximum would refuse the other parameters of the request, too,
 * such as `ReachabilityEnabled`; more would not fit the integers of Twilio's helpers.
 */
const LARGEST_COUNT = 2_147_483_647;

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

  @OptionalEventNames()
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
