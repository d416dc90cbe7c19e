import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Delivery } from '#operational-state';
import type { UsersReadModel } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { STORES, USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/** One webhook delivery of a Service; null where there is none, or where it was deleted after its retention time. */
export class GetDelivery extends Query<Delivery | null> {
  constructor(
    readonly serviceSid: string,
    readonly sid: string,
  ) {
    super();
  }
}

@QueryHandler(GetDelivery)
export class GetDeliveryHandler implements IQueryHandler<GetDelivery> {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
  ) {}

  async execute({ serviceSid, sid }: GetDelivery): Promise<Delivery | null> {
    if ((await this.readModel.service(serviceSid)) === null) return null;
    return this.stores.operations.webhookQueue.find(serviceSid, sid);
  }
}
