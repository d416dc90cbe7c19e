import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { BindingFilter, BindingOfUser, Page, PageRequest, UsersReadModel } from '#read-model';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/** Bindings of a Service or of one User in it, oldest first; null when there is no such Service or User. */
export class ListBindings extends Query<Page<BindingOfUser> | null> {
  constructor(
    readonly serviceSid: string,
    readonly filter: BindingFilter,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListBindings)
export class ListBindingsHandler implements IQueryHandler<ListBindings> {
  constructor(@Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel) {}

  execute({ serviceSid, filter, page }: ListBindings): Promise<Page<BindingOfUser> | null> {
    return this.readModel.bindings(serviceSid, filter, page);
  }
}
