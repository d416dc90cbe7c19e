import { Module } from '@nestjs/common';
import { MetricsController } from './metrics.controller.ts';
import { ProjectionMetrics } from '../../background/projection-metrics.ts';
import { WebhookMetrics } from '../../webhooks/webhook-metrics.ts';

@Module({
  controllers: [MetricsController],
  providers: [ProjectionMetrics, WebhookMetrics],
})
export class MetricsModule {}
