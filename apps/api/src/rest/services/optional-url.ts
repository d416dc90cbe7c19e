import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsUrl, MaxLength, ValidateIf } from 'class-validator';
import { IsStorable } from '../../platform/http/parameters.ts';

const LONGEST_URL = 2_048;

/** An absolute http(s) URL, also of a host in a network of one's own; the empty string takes the URL away. */
export const OptionalUrl = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: String, maxLength: LONGEST_URL }),
    ValidateIf((_: object, value: unknown) => value !== undefined && value !== ''),
    MaxLength(LONGEST_URL),
    IsStorable(),
    IsUrl({
      protocols: ['http', 'https'],
      require_protocol: true,
      require_tld: false,
      allow_underscores: true,
    }),
  );
