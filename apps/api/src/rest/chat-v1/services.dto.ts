import type { ServiceSettingsPatch } from '#domain';
import { UpdateServiceDto } from '../services/services.dto.ts';
import { OptionalMethod, OptionalUrl } from '../services/webhook-parameters.ts';
import { emptyToNull, given, toSettingsPatch } from '../services/settings-patch.ts';

/** Events that have a webhook of their own in chat v1: those of Twilio's description, and `OnUserUpdated`. */
const EVENTS = [
  'OnMessageSend',
  'OnMessageSent',
  'OnMessageUpdate',
  'OnMessageUpdated',
  'OnMessageRemove',
  'OnMessageRemoved',
  'OnChannelAdd',
  'OnChannelAdded',
  'OnChannelUpdate',
  'OnChannelUpdated',
  'OnChannelDestroy',
  'OnChannelDestroyed',
  'OnMemberAdd',
  'OnMemberAdded',
  'OnMemberRemove',
  'OnMemberRemoved',
  'OnUserUpdated',
] as const;

/** Every parameter of the Service update of chat v1. */
export class ChatV1UpdateServiceDto extends UpdateServiceDto {
  readonly [parameter: `Webhooks.${string}`]: string | undefined;
}

for (const event of EVENTS) {
  OptionalUrl()(ChatV1UpdateServiceDto.prototype, `Webhooks.${event}.Url`);
  OptionalMethod()(ChatV1UpdateServiceDto.prototype, `Webhooks.${event}.Method`);
}

/** The settings that a request of chat v1 changes. */
export function toChatV1SettingsPatch(dto: ChatV1UpdateServiceDto): ServiceSettingsPatch {
  const changes = EVENTS.map((event) => {
    const webhook = given<{ targetUrl: string | null; method: string }>({
      targetUrl: emptyToNull(dto[`Webhooks.${event}.Url`]),
      method: dto[`Webhooks.${event}.Method`],
    });
    return [event.replace(/^On/, 'on'), webhook] as const;
  }).filter(([, webhook]) => Object.keys(webhook).length > 0);
  const patch = toSettingsPatch(dto);
  return changes.length === 0 ? patch : { ...patch, webhooks: Object.fromEntries(changes) };
}
