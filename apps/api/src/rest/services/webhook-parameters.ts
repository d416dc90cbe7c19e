import { applyDecorators } from '@nestjs/common';
import { Transform, type TransformFnParams } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsUrl, MaxLength, ValidateIf } from 'class-validator';
import { WEBHOOK_EVENT_NAMES } from '#twilio-wire/webhook-events';
import { ApiPropertyOptional } from '../../platform/openapi/decorators.ts';
import { Each } from '../../platform/http/parameters/each.ts';
import { IsStorable, Optional, toList } from '../../platform/http/parameters/parameters.ts';

const LONGEST_URL = 2_048;
const MOST_FILTERS = 100;
const METHODS = ['GET', 'POST'];

function withoutEmpty(parameter: TransformFnParams): unknown {
  const list = toList(parameter);
  return Array.isArray(list) ? list.filter((value) => value !== '') : list;
}

function isEventName(value: unknown): boolean {
  return typeof value === 'string' && WEBHOOK_EVENT_NAMES.includes(value);
}

/** An absolute http(s) URL, which may be in a private network; the empty string removes the URL. */
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

/** The method of webhook requests. */
export const OptionalMethod = (): PropertyDecorator =>
  applyDecorators(ApiPropertyOptional({ enum: METHODS }), Optional(), IsIn(METHODS));

/** Names of events that call a webhook. One empty value, a form's way to send an empty list, removes them all. */
export const OptionalEventNames = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ enum: WEBHOOK_EVENT_NAMES, isArray: true, maxItems: MOST_FILTERS }),
    Optional(),
    Transform(withoutEmpty),
    IsArray(),
    ArrayMaxSize(MOST_FILTERS),
    Each(isEventName, 'the name of an event'),
  );
