import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsIn, ValidateBy, type ValidationArguments } from 'class-validator';
import { IDENTITY_MAX_LENGTH, isTooLongForIdentity } from '#domain';
import type { UserSelection } from '#read-model';
import { USER_ORDERS } from '#twilio-wire/user-orders';
import { ApiPropertyOptional } from '../../platform/openapi/decorators.ts';
import { PageQuery } from '../../platform/http/parameters/paging.ts';
import {
  IsStorable,
  Optional,
  OptionalChoice,
  OptionalFlag,
} from '../../platform/http/parameters/parameters.ts';

const ANSWERS: readonly unknown[] = [true, false, null];

/** Selects Users by one of their answers. */
const OptionalAnswer = (description: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ enum: ['true', 'false', 'null'], description }),
    Optional(),
    Transform(({ value }: { value: unknown }) => toAnswer(value)),
    IsIn(ANSWERS, { message: '$property must be true, false or null' }),
  );

/** The answer that a text stands for; anything else stays as it is and fails validation. */
function toAnswer(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const found = ANSWERS.find((answer) => String(answer) === value.toLowerCase());
  return found === undefined ? value : found;
}

const IsPrefix = (): PropertyDecorator =>
  ValidateBy({
    name: 'prefix',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && value !== '' && !isTooLongForIdentity(value),
      defaultMessage: (found?: ValidationArguments) =>
        `${found?.property ?? 'A prefix'} must be a string of 1 to ${IDENTITY_MAX_LENGTH} characters`,
    },
  });

/** Which Users of a Service to list, and how. */
export class ListUsersDto extends PageQuery {
  @OptionalFlag(
    "Lists the real values instead of Twilio's nulls. A filter or an order does so, too.",
  )
  readonly Reachability: boolean = false;

  @OptionalAnswer('Only Users whose `is_online` is this.')
  readonly IsOnline?: boolean | null;

  @OptionalAnswer('Only Users whose `is_notifiable` is this.')
  readonly IsNotifiable?: boolean | null;

  @ApiPropertyOptional({
    type: String,
    minLength: 1,
    maxLength: IDENTITY_MAX_LENGTH,
    description: 'Only Users whose identity begins with exactly these characters.',
  })
  @Optional()
  @IsStorable()
  @IsPrefix()
  readonly IdentityPrefix?: string;

  @OptionalChoice(
    Object.keys(USER_ORDERS),
    'What to sort by: `date_created`, the default, or `last_change`; ascending, or with `:desc` descending.',
  )
  readonly Order?: string;
}

export function toUserSelection(query: ListUsersDto): UserSelection {
  const order = query.Order === undefined ? undefined : USER_ORDERS[query.Order];
  return {
    ...(query.IsOnline === undefined ? {} : { isOnline: query.IsOnline }),
    ...(query.IsNotifiable === undefined ? {} : { isNotifiable: query.IsNotifiable }),
    ...(query.IdentityPrefix === undefined ? {} : { identityPrefix: query.IdentityPrefix }),
    ...(order === undefined ? {} : { order }),
  };
}

/** Returns the parameters that every link of the list keeps. A list without any shows null for all answers, as Twilio's. */
export function toLinkFilters(query: ListUsersDto): [string, string][] {
  const { Reachability, IsOnline, IsNotifiable, IdentityPrefix, Order } = query;
  const kept: [string, string | undefined][] = [
    ['Reachability', Reachability ? 'true' : undefined],
    ['IsOnline', IsOnline === undefined ? undefined : String(IsOnline)],
    ['IsNotifiable', IsNotifiable === undefined ? undefined : String(IsNotifiable)],
    ['IdentityPrefix', IdentityPrefix],
    ['Order', Order],
  ];
  return kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}
