import { Module } from '@nestjs/common';
import { GetPastReachabilityHandler } from './get-past-reachability/get-past-reachability.ts';
import { GetReachabilityHistoryHandler } from './get-reachability-history/get-reachability-history.ts';
import { QueryReachabilityHandler } from './query-reachability/query-reachability.ts';
import { ReachabilityView } from './reachability-view.ts';
import { ServiceReachabilityController } from './service-reachability.controller.ts';
import { TimelineFreshness } from './timeline-freshness.ts';
import { UserReachabilityController } from './user-reachability.controller.ts';

@Module({
  controllers: [UserReachabilityController, ServiceReachabilityController],
  providers: [
    GetPastReachabilityHandler,
    GetReachabilityHistoryHandler,
    QueryReachabilityHandler,
    ReachabilityView,
    TimelineFreshness,
  ],
})
export class ReachabilityModule {}
