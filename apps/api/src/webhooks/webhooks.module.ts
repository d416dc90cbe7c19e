import { Module } from '@nestjs/common';
import { DeliveriesController } from './deliveries.controller.ts';
import { GetDeliveryHandler } from './get-delivery/get-delivery.ts';
import { ListDeliveriesHandler } from './list-deliveries/list-deliveries.ts';
import { WebhookWorker } from './webhook-worker.ts';

@Module({
  controllers: [DeliveriesController],
  providers: [GetDeliveryHandler, ListDeliveriesHandler, WebhookWorker],
  exports: [WebhookWorker],
})
export class WebhooksModule {}
