import type { ServiceSettingsPatch } from '#domain';
import { toWebhookPatch } from '../services/settings-patch.ts';
import { OptionalEventNames, OptionalMethod, OptionalUrl } from '../services/webhook-parameters.ts';

/** Every parameter of the update of a webhook. */
export class UpdateWebhooksDto {
  @OptionalUrl()
  readonly PreWebhookUrl?: string;

  @OptionalUrl()
  readonly PostWebhookUrl?: string;

  @OptionalMethod()
  readonly Method?: string;

  @OptionalEventNames()
  readonly Filters?: string[];
}

/** The webhook settings that a request changes. */
export function toWebhooksPatch(dto: UpdateWebhooksDto): ServiceSettingsPatch {
  return toWebhookPatch({
    preUrl: dto.PreWebhookUrl,
    postUrl: dto.PostWebhookUrl,
    method: dto.Method,
    filters: dto.Filters,
  });
}
