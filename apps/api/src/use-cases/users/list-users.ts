import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { PageRequest, UserSelection, UsersOfService, UsersReadModel } from '#read-model';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/** Selected Users of a Service in the order of the selection; null when there is no such Service. */
export class ListUsers extends Query<UsersOfService | null> {
  constructor(
    readonly serviceSid: string,
    readonly page: PageRequest,
    readonly selection: UserSelection,
  ) {
    super();
  }
}

@QueryHandler(ListUsers)
export class ListUsersHandler implements IQueryHandler<ListUsers> {
  constructor(@Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel) {}

  execute({ serviceSid, page, selection }: ListUsers): Promise<UsersOfService | null> {
    return this.readModel.users(serviceSid, page, selection);
  }
}
