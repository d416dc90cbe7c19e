import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Page, PageRequest, ServiceRow, UsersReadModel } from '#read-model';
import { USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/** Services, oldest first. */
export class ListServices extends Query<Page<ServiceRow>> {
  constructor(readonly page: PageRequest) {
    super();
  }
}

@QueryHandler(ListServices)
export class ListServicesHandler implements IQueryHandler<ListServices> {
  constructor(@Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel) {}

  execute({ page }: ListServices): Promise<Page<ServiceRow>> {
    return this.readModel.services(page);
  }
}
