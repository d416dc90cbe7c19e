import { applyDecorators } from '@nestjs/common';
import { Transform, type TransformFnParams } from 'class-transformer';
import {
  IsBoolean,
  IsInt,
  IsNotEmpty,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';

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

/** Lets a parameter be left out. Null, which a form cannot say, is not left out but wrong. */
export const Optional = (): PropertyDecorator =>
  ValidateIf((_: object, value: unknown) => value !== undefined);

export const Text = (longest: number): PropertyDecorator =>
  applyDecorators(IsString(), IsNotEmpty(), MaxLength(longest));

export const OptionalText = (longest: number): PropertyDecorator =>
  applyDecorators(Optional(), IsString(), MaxLength(longest));

export const OptionalFlag = (): PropertyDecorator =>
  applyDecorators(Optional(), Transform(toBoolean), IsBoolean());

export const OptionalCount = (least: number, most: number): PropertyDecorator =>
  applyDecorators(Optional(), Transform(toNumber), IsInt(), Min(least), Max(most));
