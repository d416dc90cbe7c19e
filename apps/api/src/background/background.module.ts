import { Module } from '@nestjs/common';
import { WebhooksModule } from '../webhooks/webhooks.module.ts';
import { DeletedServices } from './deleted-services.ts';
import { ProjectionMetrics } from './projection-metrics.ts';
import { ProjectionRunners } from './projection-runners.ts';
import { TtlSweeper } from './ttl-sweeper.ts';

/** Work that goes on without requests, in processes whose role is `worker` or `all`. */
@Module({
  imports: [WebhooksModule],
  providers: [ProjectionRunners, ProjectionMetrics, TtlSweeper, DeletedServices],
})
export class BackgroundModule {}
