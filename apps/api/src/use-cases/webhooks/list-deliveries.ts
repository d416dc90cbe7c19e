import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { DeliveryFilter, DeliveryPage } from '#operational-state';
import type { PageRequest, UsersReadModel } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { STORES, USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/** Webhook deliveries of a Service, newest first; null where there is no such Service. */
export class ListDeliveries extends Query<DeliveryPage | null> {
  constructor(
    readonly serviceSid: string,
    readonly filter: Omit<DeliveryFilter, 'serviceSid'>,
    readonly page: PageRequest,
  ) {
    super();
  }
}

@QueryHandler(ListDeliveries)
export class ListDeliveriesHandler implements IQueryHandler<ListDeliveries> {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
  ) {}

  async execute({ serviceSid, filter, page }: ListDeliveries): Promise<DeliveryPage | null> {
    if ((await this.readModel.service(serviceSid)) === null) return null;
    const { webhookQueue } = this.stores.operations;
    return webhookQueue.list({ ...filter, serviceSid }, page.cursor, page.size);
  }
}
