import { Module } from '@nestjs/common';
import { DeliveriesController } from '../rest/webhooks/deliveries.controller.ts';
import { GetDeliveryHandler } from '../use-cases/webhooks/get-delivery.ts';
import { ListDeliveriesHandler } from '../use-cases/webhooks/list-deliveries.ts';
import { WebhookWorker } from './webhook-worker.ts';

@Module({
  controllers: [DeliveriesController],
  providers: [GetDeliveryHandler, ListDeliveriesHandler, WebhookWorker],
  exports: [WebhookWorker],
})
export class WebhooksModule {}
