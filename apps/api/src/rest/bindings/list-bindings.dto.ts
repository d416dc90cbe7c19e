import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray } from 'class-validator';
import { BINDING_TYPES, type BindingType } from '#domain';
import { EachIn, EachText } from '../../platform/http/parameters/each.ts';
import { SmallPageQuery } from '../../platform/http/parameters/paging.ts';
import { Optional, toList } from '../../platform/http/parameters/parameters.ts';

const MOST_IDENTITIES = 100;

/** Filters of a User's Bindings. */
export class ListUserBindingsDto extends SmallPageQuery {
  @ApiPropertyOptional({ enum: BINDING_TYPES, isArray: true })
  @Optional()
  @Transform(toList)
  @IsArray()
  @ArrayMaxSize(BINDING_TYPES.length)
  @EachIn(BINDING_TYPES)
  readonly BindingType: BindingType[] = [];
}

/** Filters of a Service's Bindings. */
export class ListBindingsDto extends ListUserBindingsDto {
  @ApiPropertyOptional({ type: [String] })
  @Optional()
  @Transform(toList)
  @IsArray()
  @ArrayMaxSize(MOST_IDENTITIES)
  @EachText()
  readonly Identity: string[] = [];
}
