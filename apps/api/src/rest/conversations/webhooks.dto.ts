import { IsIn } from 'class-validator';
import type { ServiceSettingsPatch } from '#domain';
import { ApiPropertyOptional } from '../../platform/openapi/decorators.ts';
import { Optional } from '../../platform/http/parameters/parameters.ts';
import { toWebhookPatch } from '../services/settings-patch.ts';
import { OptionalEventNames, OptionalMethod, OptionalUrl } from '../services/webhook-parameters.ts';

const TARGETS = ['webhook'];

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

/** Every parameter of the update of the account's webhook. */
export class UpdateAccountWebhooksDto extends UpdateWebhooksDto {
  /** Twilio's other target is Flex, which is not part of this service. */
  @ApiPropertyOptional({ enum: TARGETS })
  @Optional()
  @IsIn(TARGETS)
  readonly Target?: string;
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
