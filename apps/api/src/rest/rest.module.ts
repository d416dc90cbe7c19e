import { Module } from '@nestjs/common';
import { ChangeFeedModule } from '../change-feed/change-feed.module.ts';
import { ApiKeysController } from './api-keys/api-keys.controller.ts';
import { BindingsResource } from './bindings/bindings-resource.ts';
import { BindingsController } from './bindings/bindings.controller.ts';
import { UserBindingsController } from './bindings/user-bindings.controller.ts';
import { ChannelsResource } from './channels/channels-resource.ts';
import { ChannelsController } from './channels/channels.controller.ts';
import { ChatV1ChannelsController } from './chat-v1/channels.controller.ts';
import { ChatV1RolesController } from './chat-v1/roles.controller.ts';
import { ChatV1ServicesController } from './chat-v1/services.controller.ts';
import { ChatV1UsersController } from './chat-v1/users.controller.ts';
import { ConnectionsController } from './connections/connections.controller.ts';
import { AccountConfigurationController } from './conversations/account-configuration.controller.ts';
import { AccountWebhooksController } from './conversations/account-webhooks.controller.ts';
import { DefaultServiceFinder } from './conversations/default-service-finder.ts';
import { ConversationsBindingsController } from './conversations/bindings.controller.ts';
import {
  DefaultServiceEmptyListsController,
  EmptyListsController,
} from './conversations/empty-lists.controller.ts';
import {
  ConversationsRolesController,
  DefaultServiceRolesController,
} from './conversations/roles.controller.ts';
import { ServiceNotificationsController } from './conversations/service-notifications.controller.ts';
import { ServiceWebhooksController } from './conversations/service-webhooks.controller.ts';
import { ConversationsServicesController } from './conversations/services.controller.ts';
import { ServiceConfigurationController } from './conversations/service-configuration.controller.ts';
import {
  ConversationsUsersController,
  DefaultServiceUsersController,
} from './conversations/users.controller.ts';
import { ChangesController } from './reachability/changes.controller.ts';
import { NodesController } from './nodes/nodes.controller.ts';
import { DeadLettersController } from './projections/dead-letters.controller.ts';
import { JobsController } from './projections/jobs.controller.ts';
import { ProjectionsController } from './projections/projections.controller.ts';
import { EvidenceController } from './reachability/evidence.controller.ts';
import { ReachabilityView } from './reachability/reachability-view.ts';
import { ServiceReachabilityController } from './reachability/service-reachability.controller.ts';
import { SummaryController } from './reachability/summary.controller.ts';
import { UserReachabilityController } from './reachability/user-reachability.controller.ts';
import { RolesResource } from './roles/roles-resource.ts';
import { RolesController } from './roles/roles.controller.ts';
import { ServicesResource } from './services/services-resource.ts';
import { ServicesController } from './services/services.controller.ts';
import { TokensController } from './tokens/tokens.controller.ts';
import { UsersResource } from './users/users-resource.ts';
import { UsersController } from './users/users.controller.ts';
import { DeliveriesController } from './webhooks/deliveries.controller.ts';

/** The resources of the HTTP API. */
@Module({
  imports: [ChangeFeedModule],
  controllers: [
    ServicesController,
    RolesController,
    ChannelsController,
    UsersController,
    ConnectionsController,
    BindingsController,
    UserBindingsController,
    UserReachabilityController,
    ServiceReachabilityController,
    ChangesController,
    EvidenceController,
    SummaryController,
    TokensController,
    DeliveriesController,
    ApiKeysController,
    ProjectionsController,
    JobsController,
    DeadLettersController,
    NodesController,
    ChatV1ServicesController,
    ChatV1UsersController,
    ChatV1RolesController,
    ChatV1ChannelsController,
    ConversationsServicesController,
    ServiceConfigurationController,
    ServiceWebhooksController,
    ServiceNotificationsController,
    ConversationsUsersController,
    ConversationsBindingsController,
    ConversationsRolesController,
    DefaultServiceRolesController,
    EmptyListsController,
    AccountConfigurationController,
    AccountWebhooksController,
    DefaultServiceUsersController,
    DefaultServiceEmptyListsController,
  ],
  providers: [
    ReachabilityView,
    ServicesResource,
    UsersResource,
    BindingsResource,
    RolesResource,
    ChannelsResource,
    DefaultServiceFinder,
  ],
})
export class RestModule {}
