import { Transform, type TransformFnParams } from 'class-transformer';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, Matches } from 'class-validator';
import {
  API_KEY_MAX_OVERLAP_SECONDS,
  API_KEY_MAX_SERVICES,
  API_KEY_SCOPES,
  FRIENDLY_NAME_MAX_LENGTH,
  type ApiKeyScope,
} from '#domain';
import { parseInstant } from '#shared/time/instant';
import { ApiProperty, ApiPropertyOptional } from '../../platform/openapi/decorators.ts';
import { EachIn, EachMatches } from '../../platform/http/parameters/each.ts';
import {
  Optional,
  OptionalCount,
  Text,
  toList,
} from '../../platform/http/parameters/parameters.ts';

/** An ISO 8601 time in UTC with milliseconds; anything else as it is. */
function toInstant({ value }: TransformFnParams): unknown {
  return typeof value === 'string' ? (parseInstant(value) ?? value) : value;
}

export class CreateApiKeyDto {
  @Text(FRIENDLY_NAME_MAX_LENGTH)
  readonly FriendlyName!: string;

  @ApiProperty({ enum: API_KEY_SCOPES, isArray: true, description: 'Repeat it for several.' })
  @Transform(toList)
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(API_KEY_SCOPES.length)
  @EachIn(API_KEY_SCOPES)
  readonly Scopes!: ApiKeyScope[];

  @ApiPropertyOptional({
    type: [String],
    maxItems: API_KEY_MAX_SERVICES,
    description: 'Sids of the Services that the key is limited to. Repeat it for several.',
  })
  @Optional()
  @Transform(toList)
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(API_KEY_MAX_SERVICES)
  @EachMatches(/^IS[0-9a-fA-F]{32}$/, 'the sid of a Service')
  readonly Services?: string[];

  @ApiPropertyOptional({ type: String, format: 'date-time' })
  @Optional()
  @Transform(toInstant)
  @Matches(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, {
    message: 'ExpiresAt must be an ISO 8601 time with its zone',
  })
  readonly ExpiresAt?: string;
}

export class RotateApiKeyDto {
  @OptionalCount(0, API_KEY_MAX_OVERLAP_SECONDS, 'Seconds for which the old secret remains valid.')
  readonly OverlapSeconds: number = 0;
}
