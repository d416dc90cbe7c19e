import type { ServiceSettingsPatch } from '#domain';
import { OptionalFlag, OptionalText } from '../../platform/http/parameters/parameters.ts';
import { LONGEST_TEXT } from '../services/services.dto.ts';
import { given } from '../services/settings-patch.ts';

/** Every parameter of the update of a Service's push settings. */
export class UpdateNotificationsDto {
  @OptionalFlag()
  readonly LogEnabled?: boolean;

  @OptionalFlag()
  readonly 'NewMessage.Enabled'?: boolean;

  @OptionalText(LONGEST_TEXT)
  readonly 'NewMessage.Template'?: string;

  @OptionalText(LONGEST_TEXT)
  readonly 'NewMessage.Sound'?: string;

  @OptionalFlag()
  readonly 'NewMessage.BadgeCountEnabled'?: boolean;

  @OptionalFlag()
  readonly 'NewMessage.WithMedia.Enabled'?: boolean;

  @OptionalText(LONGEST_TEXT)
  readonly 'NewMessage.WithMedia.Template'?: string;

  @OptionalFlag()
  readonly 'AddedToConversation.Enabled'?: boolean;

  @OptionalText(LONGEST_TEXT)
  readonly 'AddedToConversation.Template'?: string;

  @OptionalText(LONGEST_TEXT)
  readonly 'AddedToConversation.Sound'?: string;

  @OptionalFlag()
  readonly 'RemovedFromConversation.Enabled'?: boolean;

  @OptionalText(LONGEST_TEXT)
  readonly 'RemovedFromConversation.Template'?: string;

  @OptionalText(LONGEST_TEXT)
  readonly 'RemovedFromConversation.Sound'?: string;
}

/** The push settings that a request changes. Chat calls a conversation a channel. */
export function toNotificationsPatch(dto: UpdateNotificationsDto): ServiceSettingsPatch {
  const withMedia = given({
    enabled: dto['NewMessage.WithMedia.Enabled'],
    template: dto['NewMessage.WithMedia.Template'],
  });
  const hasMedia = Object.keys(withMedia).length > 0;
  return {
    notifications: given({
      logEnabled: dto.LogEnabled,
      newMessage: given({
        enabled: dto['NewMessage.Enabled'],
        template: dto['NewMessage.Template'],
        sound: dto['NewMessage.Sound'],
        badgeCountEnabled: dto['NewMessage.BadgeCountEnabled'],
        withMedia: hasMedia ? withMedia : undefined,
      }),
      addedToChannel: given({
        enabled: dto['AddedToConversation.Enabled'],
        template: dto['AddedToConversation.Template'],
        sound: dto['AddedToConversation.Sound'],
      }),
      removedFromChannel: given({
        enabled: dto['RemovedFromConversation.Enabled'],
        template: dto['RemovedFromConversation.Template'],
        sound: dto['RemovedFromConversation.Sound'],
      }),
    }),
  };
}
