import { Inject, Logger } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { UsersReadModel } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { retryDeliveries } from '#shared/use-cases/webhook-deliveries';
import { STORES, USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/** Sends all deliveries of a Service again that are dead. Returns their number; null where there is no such Service. */
export class RetryDeliveries extends Command<number | null> {
  constructor(
    readonly serviceSid: string,
    readonly actor: string,
  ) {
    super();
  }
}

@CommandHandler(RetryDeliveries)
export class RetryDeliveriesHandler implements ICommandHandler<RetryDeliveries> {
  readonly #logger = new Logger(RetryDeliveries.name);

  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
  ) {}

  async execute({ serviceSid, actor }: RetryDeliveries): Promise<number | null> {
    if ((await this.readModel.service(serviceSid)) === null) return null;
    const retried = await retryDeliveries(this.stores.operations, { serviceSid });
    this.#logger.log(`${retried} dead deliveries of ${serviceSid} are retried by ${actor}`);
    return retried;
  }
}
