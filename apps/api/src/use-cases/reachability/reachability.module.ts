import { Module } from '@nestjs/common';
import { GetPastReachabilityHandler } from './get-past-reachability.ts';
import { GetReachabilityHistoryHandler } from './get-reachability-history.ts';
import { QueryReachabilityHandler } from './query-reachability.ts';
import { ReachabilityView } from '../../rest/reachability/reachability-view.ts';
import { ServiceReachabilityController } from '../../rest/reachability/service-reachability.controller.ts';
import { TimelineFreshness } from './timeline-freshness.ts';
import { UserReachabilityController } from '../../rest/reachability/user-reachability.controller.ts';

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
