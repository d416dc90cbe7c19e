import { Module } from '@nestjs/common';
import { WebhookMetrics } from './webhook-metrics.ts';
import { WebhookWorker } from './webhook-worker.ts';

@Module({ providers: [WebhookMetrics, WebhookWorker], exports: [WebhookWorker] })
export class WebhooksModule {}
