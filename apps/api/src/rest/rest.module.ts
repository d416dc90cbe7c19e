import { Module } from '@nestjs/common';
import { BindingView } from './bindings/binding-view.ts';
import { BindingsController } from './bindings/bindings.controller.ts';
import { UserBindingsController } from './bindings/user-bindings.controller.ts';
import { ConnectionView } from './connections/connection-view.ts';
import { ConnectionsController } from './connections/connections.controller.ts';
import { ReachabilityView } from './reachability/reachability-view.ts';
import { ServiceReachabilityController } from './reachability/service-reachability.controller.ts';
import { UserReachabilityController } from './reachability/user-reachability.controller.ts';
import { RoleView } from './roles/role-view.ts';
import { RolesController } from './roles/roles.controller.ts';
import { ServiceView } from './services/service-view.ts';
import { ServicesController } from './services/services.controller.ts';
import { TokensController } from './tokens/tokens.controller.ts';
import { UserView } from './users/user-view.ts';
import { UsersController } from './users/users.controller.ts';
import { DeliveriesController } from './webhooks/deliveries.controller.ts';

/** The resources of the HTTP API. */
@Module({
  controllers: [
    ServicesController,
    RolesController,
    UsersController,
    ConnectionsController,
    BindingsController,
    UserBindingsController,
    UserReachabilityController,
    ServiceReachabilityController,
    TokensController,
    DeliveriesController,
  ],
  providers: [ServiceView, RoleView, UserView, ConnectionView, BindingView, ReachabilityView],
})
export class RestModule {}
