import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { PageRequest, UsersOfService, UsersReadModel } from '#read-model';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/** Users of a Service, oldest first; null when there is no such Service. */
export class ListUsers extends Query<UsersOfService | null> {
  constructor(
    readonly serviceSid: string,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListUsers)
export class ListUsersHandler implements IQueryHandler<ListUsers> {
  constructor(@Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel) {}

  execute({ serviceSid, page }: ListUsers): Promise<UsersOfService | null> {
    return this.readModel.users(serviceSid, page);
  }
}
