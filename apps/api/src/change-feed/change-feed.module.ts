import { Module } from '@nestjs/common';
import { RealtimeModule } from '../realtime/realtime.module.ts';
import { ChangeFeedMetrics } from './change-feed-metrics.ts';
import { ChangeFeeds } from './change-feeds.ts';
import { ServiceTails } from './service-tails.ts';

/** The change feed: every change of a Service and its Users, in log order, from wherever a reader was. */
@Module({
  imports: [RealtimeModule],
  providers: [ChangeFeedMetrics, ServiceTails, ChangeFeeds],
  exports: [ChangeFeeds],
})
export class ChangeFeedModule {}
