import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ServiceRow, UsersReadModel } from '#read-model';
import { USERS_READ_MODEL } from '../../infrastructure/tokens.ts';

/** One Service, or null. */
export class GetService extends Query<ServiceRow | null> {
  constructor(readonly serviceSid: string) {
    super();
  }
}

@QueryHandler(GetService)
export class GetServiceHandler implements IQueryHandler<GetService> {
  readonly #readModel: UsersReadModel;

  constructor(@Inject(USERS_READ_MODEL) readModel: UsersReadModel) {
    this.#readModel = readModel;
  }

  execute({ serviceSid }: GetService): Promise<ServiceRow | null> {
    return this.#readModel.service(serviceSid);
  }
}
