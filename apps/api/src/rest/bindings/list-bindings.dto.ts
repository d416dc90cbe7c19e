import type { BindingType } from '#domain';
import { SmallPageQuery } from '../../platform/http/parameters/paging.ts';
import { BindingTypes, Identities } from './binding-filters.ts';

/** Filters of a User's Bindings. */
export class ListUserBindingsDto extends SmallPageQuery {
  @BindingTypes()
  readonly BindingType: BindingType[] = [];
}

/** Filters of a Service's Bindings. */
export class ListBindingsDto extends ListUserBindingsDto {
  @Identities()
  readonly Identity: string[] = [];
}
