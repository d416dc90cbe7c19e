import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsNotEmpty, IsString } from 'class-validator';
import { GRANTED_IDENTITIES_MAX, IDENTITY_MAX_LENGTH } from '#domain';
import { ApiProperty, ApiPropertyOptional } from '../../platform/openapi/decorators.ts';
import { LONGEST_LIFETIME_SECONDS } from '../../platform/access-tokens/access-tokens.ts';
import { EachText } from '../../platform/http/parameters/each.ts';
import {
  Optional,
  OptionalCount,
  OptionalText,
  toList,
} from '../../platform/http/parameters/parameters.ts';

export class CreateTokenDto {
  @ApiProperty({ type: String, minLength: 1, maxLength: IDENTITY_MAX_LENGTH })
  @IsString()
  @IsNotEmpty()
  readonly Identity!: string;

  /** In seconds. */
  @OptionalCount(10, LONGEST_LIFETIME_SECONDS)
  readonly Ttl: number = 3_600;

  @ApiPropertyOptional({
    type: [String],
    maxItems: GRANTED_IDENTITIES_MAX,
    description:
      'Identities that the holder may watch under the policy `granted`; a form repeats the parameter.',
  })
  @Optional()
  @Transform(toList)
  @IsArray()
  @ArrayMaxSize(GRANTED_IDENTITIES_MAX)
  @EachText()
  readonly WatchIdentities: readonly string[] = [];

  @OptionalText(
    IDENTITY_MAX_LENGTH,
    'Beginning of the identities that the holder may watch under the policy `granted`.',
  )
  @IsNotEmpty()
  readonly WatchPrefix?: string;
}
