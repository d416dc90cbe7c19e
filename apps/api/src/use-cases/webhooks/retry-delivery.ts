import { Inject, Logger } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Delivery } from '#operational-state';
import type { UsersReadModel } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { retryDeliveries } from '#shared/use-cases/webhook-deliveries';
import { STORES, USERS_READ_MODEL } from '../../platform/injection-tokens.ts';

/**
 * Sends a delivery again that is dead or waits for its next attempt. Returns it as it is afterwards: unchanged where it was
 * delivered already, null where the Service has no such delivery.
 */
export class RetryDelivery extends Command<Delivery | null> {
  constructor(
    readonly serviceSid: string,
    readonly sid: string,
    readonly actor: string,
  ) {
    super();
  }
}

@CommandHandler(RetryDelivery)
export class RetryDeliveryHandler implements ICommandHandler<RetryDelivery> {
  readonly #logger = new Logger(RetryDelivery.name);

  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(USERS_READ_MODEL) private readonly readModel: UsersReadModel,
  ) {}

  async execute({ serviceSid, sid, actor }: RetryDelivery): Promise<Delivery | null> {
    const { operations } = this.stores;
    if ((await this.readModel.service(serviceSid)) === null) return null;
    const found = await operations.webhookQueue.find(serviceSid, sid);
    if (found === null || found.status === 'delivered') return found;
    await retryDeliveries(operations, { sid });
    this.#logger.log(`Delivery ${sid} is retried by ${actor}`);
    return operations.webhookQueue.find(serviceSid, sid);
  }
}
