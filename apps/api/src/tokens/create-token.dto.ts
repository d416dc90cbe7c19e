import { IsNotEmpty, IsString } from 'class-validator';
import { OptionalCount } from '../http/parameters.ts';
import { LONGEST_LIFETIME_SECONDS } from './access-tokens.ts';

export class CreateTokenDto {
  @IsString()
  @IsNotEmpty()
  readonly Identity!: string;

  /** Seconds. */
  @OptionalCount(10, LONGEST_LIFETIME_SECONDS)
  readonly Ttl: number = 3_600;
}
