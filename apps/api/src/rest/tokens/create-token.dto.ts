import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsString } from 'class-validator';
import { IDENTITY_MAX_LENGTH } from '#domain';
import { LONGEST_LIFETIME_SECONDS } from '../../platform/access-tokens/access-tokens.ts';
import { OptionalCount } from '../../platform/http/parameters/parameters.ts';

export class CreateTokenDto {
  @ApiProperty({ type: String, minLength: 1, maxLength: IDENTITY_MAX_LENGTH })
  @IsString()
  @IsNotEmpty()
  readonly Identity!: string;

  /** In seconds. */
  @OptionalCount(10, LONGEST_LIFETIME_SECONDS)
  readonly Ttl: number = 3_600;
}
