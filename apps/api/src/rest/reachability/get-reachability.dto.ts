import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsString } from 'class-validator';
import { parseInstant } from '#shared/time/instant';
import { Optional } from '../../platform/http/parameters.ts';

const FORM = 'AsOf must be an ISO 8601 time with its zone, like 2026-11-22T14:02:00Z';

export class GetReachabilityDto {
  /** In UTC with milliseconds, whatever zone it came in. */
  @ApiPropertyOptional({
    type: String,
    format: 'date-time',
    description: 'Answers as of this moment of the past; up to a minute ahead means now.',
  })
  @Optional()
  @Transform(({ value }: { value: unknown }) => toInstant(value))
  @IsString({ message: FORM })
  readonly AsOf?: string;
}

/** A plus sign that nobody encoded arrives as a space. */
function toInstant(value: unknown): string | null {
  return typeof value === 'string' ? parseInstant(value.replace(/ (?=\d{2}:?\d{2}$)/, '+')) : null;
}
