import { Module } from '@nestjs/common';
import { ReachabilityView } from './reachability-view.ts';
import { ServiceReachabilityController } from './service-reachability.controller.ts';
import { UserReachabilityController } from './user-reachability.controller.ts';

@Module({
  controllers: [UserReachabilityController, ServiceReachabilityController],
  providers: [ReachabilityView],
})
export class ReachabilityModule {}
