import { applyDecorators } from '@nestjs/common';
import { Transform, type TransformFnParams } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** `"42"` and `42` as the number; anything else stays as it is and fails validation. */
export function toNumber({ value }: TransformFnParams): unknown {
  return typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
}

/** `true`, `"true"`, `"True"` as the boolean; anything else stays as it is and fails validation. */
export function toBoolean({ value }: TransformFnParams): unknown {
  if (typeof value !== 'string') return value;
  const lower = value.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : value;
}

/** One value or several under a repeated key, as a list. */
export function toList({ value }: TransformFnParams): unknown {
  return value === undefined || Array.isArray(value) ? value : [value];
}

/** A parameter that may be left out. */
export const OptionalText = (longest: number): PropertyDecorator =>
  applyDecorators(IsOptional(), IsString(), MaxLength(longest));

export const OptionalFlag = (): PropertyDecorator =>
  applyDecorators(IsOptional(), Transform(toBoolean), IsBoolean());

export const OptionalCount = (least: number, most: number): PropertyDecorator =>
  applyDecorators(IsOptional(), Transform(toNumber), IsInt(), Min(least), Max(most));
