import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest, ServiceRow, UsersReadModel } from '#read-model';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/** Services, oldest first. */
export class ListServices extends Query<Page<ServiceRow>> {
  constructor(
    readonly page: PageRequest,
    /** Sids of the Services to list; null for all. */
    readonly only: readonly string[] | null,
  ) {
    super();
  }
}

@QueryHandler(ListServices)
export class ListServicesHandler implements IQueryHandler<ListServices> {
  constructor(@Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel) {}

  execute({ page, only }: ListServices): Promise<Page<ServiceRow>> {
    return this.readModel.services(page, only);
  }
}
