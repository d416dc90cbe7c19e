import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { DeliveryFilter, DeliveryPage } from '#operational-state';
import type { PageRequest, UsersReadModel } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { STORES, USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/** Deliveries of a Service, the newest first; null when there is no such Service. */
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
  readonly #stores: Stores;
  readonly #readModel: UsersReadModel;

  constructor(@Inject(STORES) stores: Stores, @Inject(USERS_READ_MODEL) readModel: UsersReadModel) {
    this.#stores = stores;
    this.#readModel = readModel;
  }

  async execute({ serviceSid, filter, page }: ListDeliveries): Promise<DeliveryPage | null> {
    if ((await this.#readModel.service(serviceSid)) === null) return null;
    const { webhookQueue } = this.#stores.operations;
    return webhookQueue.list({ ...filter, serviceSid }, page.cursor, page.size);
  }
}
