import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray } from 'class-validator';
import { serviceEventSchemas, userEventSchemas } from '#domain';
import type { EventFilter } from '#read-model';
import { ApiPropertyOptional } from '../../platform/openapi/decorators.ts';
import { EachIn } from '../../platform/http/parameters/each.ts';
import { OptionalInstant } from '../../platform/http/parameters/instants.ts';
import { PageQuery } from '../../platform/http/parameters/paging.ts';
import { Optional, toList } from '../../platform/http/parameters/parameters.ts';

const FROM = 'Only events whose writer’s clock said this time or later.';
const UNTIL = 'Only events whose writer’s clock said an earlier time.';

/** Names the types of the events to list. */
const EventTypes = (types: string[]): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ enum: types, isArray: true, description: 'May be repeated.' }),
    Optional(),
    Transform(toList),
    IsArray(),
    ArrayMaxSize(types.length),
    EachIn(types),
  );

/** Filters of the events of a User. */
export class ListUserEventsDto extends PageQuery {
  @EventTypes(Object.keys(userEventSchemas))
  readonly Type?: readonly string[];

  @OptionalInstant(FROM)
  readonly From?: string;

  @OptionalInstant(UNTIL)
  readonly Until?: string;
}

/** Filters of the events of a Service. */
export class ListServiceEventsDto extends PageQuery {
  @EventTypes(Object.keys(serviceEventSchemas))
  readonly Type?: readonly string[];

  @OptionalInstant(FROM)
  readonly From?: string;

  @OptionalInstant(UNTIL)
  readonly Until?: string;
}

type Filters = Pick<ListUserEventsDto, 'Type' | 'From' | 'Until'>;

export function toEventFilter({ Type: types, From: from, Until: until }: Filters): EventFilter {
  return {
    ...(types === undefined ? {} : { types }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  };
}

/** Returns the filters as parameters that every link of the list keeps. */
export function toLinkFilters({ Type = [], From, Until }: Filters): [string, string][] {
  return [
    ...Type.map((type): [string, string] => ['Type', type]),
    ...(From === undefined ? [] : [['From', From] satisfies [string, string]]),
    ...(Until === undefined ? [] : [['Until', Until] satisfies [string, string]]),
  ];
}
