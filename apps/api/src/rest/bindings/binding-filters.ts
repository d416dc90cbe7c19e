import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray } from 'class-validator';
import { BINDING_TYPES } from '#domain';
import { ApiPropertyOptional } from '../../platform/openapi/decorators.ts';
import { EachIn, EachText } from '../../platform/http/parameters/each.ts';
import { Optional, toList } from '../../platform/http/parameters/parameters.ts';

const MOST_IDENTITIES = 100;

/** Types of the Bindings to list. */
export const BindingTypes = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ enum: BINDING_TYPES, isArray: true }),
    Optional(),
    Transform(toList),
    IsArray(),
    ArrayMaxSize(BINDING_TYPES.length),
    EachIn(BINDING_TYPES),
  );

/** Identities of the Users whose Bindings to list. */
export const Identities = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ type: [String] }),
    Optional(),
    Transform(toList),
    IsArray(),
    ArrayMaxSize(MOST_IDENTITIES),
    EachText(),
  );
