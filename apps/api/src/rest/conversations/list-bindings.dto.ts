import type { BindingType } from '#domain';
import { PageQuery } from '../../platform/http/parameters/paging.ts';
import { BindingTypes, Identities } from '../bindings/binding-filters.ts';

/** Filters of a Service's Bindings. With Conversations, a page has at most 100. */
export class ListConversationsBindingsDto extends PageQuery {
  @BindingTypes()
  readonly BindingType: BindingType[] = [];

  @Identities()
  readonly Identity: string[] = [];
}
