import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsString,
  IsUrl,
  MaxLength,
  Validate,
  ValidateIf,
  ValidatorConstraint,
  type ValidationArguments,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { WEBHOOK_EVENT_NAMES } from '#twilio-wire/webhook-events';
import { IsStorable, Optional, toList } from '../../platform/http/parameters/parameters.ts';

const LONGEST_URL = 2_048;
const MOST_FILTERS = 100;
const METHODS = ['GET', 'POST'];

function withoutEmpty(parameter: TransformFnParams): unknown {
  const list = toList(parameter);
  return Array.isArray(list) ? list.filter((value) => value !== '') : list;
}

@ValidatorConstraint({ name: 'webhookEvents' })
class WebhookEventNames implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return unknownEvents(value).length === 0;
  }

  defaultMessage({ property, value }: ValidationArguments): string {
    const [first = ''] = unknownEvents(value);
    return `${property} must name events, and there is no event ${JSON.stringify(first.slice(0, 100))}`;
  }
}

/** Returns the names in a list that are not those of events. Other checks refuse what is not a list of texts. */
function unknownEvents(value: unknown): string[] {
  const names = Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
  return names.filter((name) => !WEBHOOK_EVENT_NAMES.includes(name));
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
    IsString({ each: true }),
    Validate(WebhookEventNames),
  );
