import { Module } from '@nestjs/common';
import { MetricsController } from './metrics.controller.ts';
import { ProjectionMetrics } from './projection-metrics.ts';
import { WebhookMetrics } from './webhook-metrics.ts';

@Module({
  controllers: [MetricsController],
  providers: [ProjectionMetrics, WebhookMetrics],
})
export class MetricsModule {}
