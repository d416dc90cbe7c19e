import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsString, type ValidationArguments } from 'class-validator';
import { parseInstant } from '#shared/time/instant';
import { ApiPropertyOptional } from '../../openapi/decorators.ts';
import { Optional } from './parameters.ts';

/** A time of a request, in UTC with milliseconds, whatever its zone was in the request. */
export const OptionalInstant = (description: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: String, format: 'date-time', description }),
    Optional(),
    Transform(({ value }: { value: unknown }) => toInstant(value)),
    IsString({
      message: ({ property }: ValidationArguments) =>
        `${property} must be an ISO 8601 time with its zone, like 2026-11-22T14:02:00Z`,
    }),
  );

/** A plus sign that is not percent-encoded arrives as a space. */
function toInstant(value: unknown): string | null {
  return typeof value === 'string' ? parseInstant(value.replace(/ (?=\d{2}:?\d{2}$)/, '+')) : null;
}
