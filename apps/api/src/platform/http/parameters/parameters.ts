import { applyDecorators } from '@nestjs/common';
import { Transform, type TransformFnParams } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  Validate,
  ValidateIf,
  ValidatorConstraint,
  type ValidationArguments,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { ApiProperty, ApiPropertyOptional } from '../../openapi/decorators.ts';

const ROLE_SID = /^RL[0-9a-fA-F]{32}$/;

/** `"42"` and `42` as the number; anything else stays as it is and fails validation. */
export function toNumber({ value }: TransformFnParams): unknown {
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}

/** `true`, `"true"`, `"True"` as the boolean; anything else stays as it is and fails validation. */
function toBoolean({ value }: TransformFnParams): unknown {
  if (typeof value !== 'string') return value;
  const lower = value.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : value;
}

/** One value, or the values of a repeated parameter, as a list. */
export function toList({ value }: TransformFnParams): unknown {
  return value === undefined || Array.isArray(value) ? value : [value];
}

/** Lets a request omit a parameter. Null, which a form cannot send, is invalid. */
export const Optional = (): PropertyDecorator =>
  ValidateIf((_: object, value: unknown) => value !== undefined);

@ValidatorConstraint({ name: 'wellFormed' })
class WellFormed implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value !== 'string' || (value.isWellFormed() && !value.includes('\u0000'));
  }

  defaultMessage({ property }: ValidationArguments): string {
    return `${property} must not contain U+0000 or a lone surrogate`;
  }
}

/** Refuses text that some store would alter. */
export const IsStorable = (): PropertyDecorator => Validate(WellFormed);

/** Required text. */
export const Text = (longest: number, description = ''): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, minLength: 1, maxLength: longest, description }),
    IsString(),
    IsStorable(),
    IsNotEmpty(),
    MaxLength(longest),
  );

export const OptionalText = (longest: number, description = ''): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: String, maxLength: longest, description }),
    Optional(),
    IsString(),
    IsStorable(),
    MaxLength(longest),
  );

export const OptionalFlag = (description = ''): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: Boolean, description }),
    Optional(),
    Transform(toBoolean),
    IsBoolean(),
  );

export const OptionalCount = (least: number, most: number, description = ''): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: 'integer', minimum: least, maximum: most, description }),
    Optional(),
    Transform(toNumber),
    IsInt(),
    Min(least),
    Max(most),
  );

export const OptionalChoice = (choices: readonly string[], description = ''): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ enum: choices, description }),
    Optional(),
    IsIn(choices, { message: `$property must be ${choices.join(' or ')}` }),
  );

/** A sid of a Role. It is stored and echoed, not looked up. */
export const OptionalRoleSid = (): PropertyDecorator => (target, key) => {
  const message = `${String(key)} must be RL and 32 hex digits`;
  applyDecorators(
    ApiPropertyOptional({ type: String, pattern: ROLE_SID.source }),
    Optional(),
    Matches(ROLE_SID, { message }),
  )(target, key);
};
