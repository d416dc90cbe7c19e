import { Module } from '@nestjs/common';
import { WebhooksModule } from '../webhooks/webhooks.module.ts';
import { DeletedServices } from './deleted-services.ts';
import { ProjectionJobs } from './jobs/projection-jobs.ts';
import { IdempotencyPruner } from './idempotency-pruner.ts';
import { ProjectionMetrics } from './projection-metrics.ts';
import { ProjectionThread } from './projection-thread.ts';
import { TtlSweeper } from './ttl-sweeper.ts';

/** Work that runs without requests, in processes whose role is `worker` or `all`. */
@Module({
  imports: [WebhooksModule],
  providers: [
    ProjectionThread,
    ProjectionJobs,
    ProjectionMetrics,
    TtlSweeper,
    DeletedServices,
    IdempotencyPruner,
  ],
})
export class BackgroundModule {}
