import { Global, Logger, Module } from '@nestjs/common';
import type { EventStore } from '#event-store';
import type { UsersReadModel } from '#read-model';
import type { Stores } from '#shared/composition/stores';
import { commandTracer } from '#shared/tracing/command-spans';
import type { Tracing } from '#shared/tracing/tracing';
import { Aggregates } from '#shared/use-cases/aggregates';
import { PublishedPositions } from '#shared/use-cases/published-positions';
import { ReadBarrier } from '#shared/use-cases/read-barrier';
import { ReadModelProgress } from '#shared/use-cases/read-model-progress';
import {
  CLOCK,
  EVENT_STORE,
  STORES,
  TRACING,
  USERS_READ_MODEL,
  type Clock,
} from '../platform/injection-tokens.ts';
import { CreateApiKeyHandler } from './api-keys/create-api-key.ts';
import { GetApiKeyHandler } from './api-keys/get-api-key.ts';
import { ListApiKeysHandler } from './api-keys/list-api-keys.ts';
import { RevokeApiKeyHandler } from './api-keys/revoke-api-key.ts';
import { RotateApiKeyHandler } from './api-keys/rotate-api-key.ts';
import { GetBindingHandler } from './bindings/get-binding.ts';
import { ListBindingsHandler } from './bindings/list-bindings.ts';
import { RegisterBindingHandler } from './bindings/register-binding.ts';
import { RemoveBindingHandler } from './bindings/remove-binding.ts';
import { CloseConnectionHandler } from './connections/close-connection.ts';
import { CloseOrphanedConnectionsHandler } from './connections/close-orphaned-connections.ts';
import { GetConnectionHandler } from './connections/get-connection.ts';
import { ListConnectionsHandler } from './connections/list-connections.ts';
import { OpenConnectionHandler } from './connections/open-connection.ts';
import { OpenSocketConnectionHandler } from './connections/open-socket-connection.ts';
import { RecordConnectionCloseHandler } from './connections/record-connection-close.ts';
import { RenewConnectionHandler } from './connections/renew-connection.ts';
import { GetNodeStateHandler } from './nodes/get-node-state.ts';
import { ListNodesHandler } from './nodes/list-nodes.ts';
import { LoseNodeHandler } from './nodes/lose-node.ts';
import { ObservedLeases } from './nodes/observed-leases.ts';
import { StartNodeHandler } from './nodes/start-node.ts';
import { StopNodeHandler } from './nodes/stop-node.ts';
import { CancelJobHandler } from './projections/cancel-job.ts';
import { GetJobHandler } from './projections/get-job.ts';
import { GetProjectionHandler } from './projections/get-projection.ts';
import { ListDeadLettersHandler } from './projections/list-dead-letters.ts';
import { ListJobsHandler } from './projections/list-jobs.ts';
import { ListProjectionsHandler } from './projections/list-projections.ts';
import { ProjectionStatuses } from './projections/projection-statuses.ts';
import { RequestJobHandler } from './projections/request-job.ts';
import { ExplainReachabilityHandler } from './reachability/explain-reachability.ts';
import { GetPastReachabilityHandler } from './reachability/get-past-reachability.ts';
import { GetReachabilityHistoryHandler } from './reachability/get-reachability-history.ts';
import { GetServiceSummaryHandler } from './reachability/get-service-summary.ts';
import { ListEventsHandler } from './reachability/list-events.ts';
import { QueryReachabilityHandler } from './reachability/query-reachability.ts';
import { TimelineReader } from './reachability/timeline-reader.ts';
import { CreateRoleHandler } from './roles/create-role.ts';
import { DeleteRoleHandler } from './roles/delete-role.ts';
import { UpdateRoleHandler } from './roles/update-role.ts';
import { RowReader } from './row-reader.ts';
import { CreateServiceHandler } from './services/create-service.ts';
import { DeleteServiceHandler } from './services/delete-service.ts';
import { FindDefaultServiceHandler } from './services/find-default-service.ts';
import { GetServiceStateHandler } from './services/get-service-state.ts';
import { GetServiceHandler } from './services/get-service.ts';
import { ListServicesHandler } from './services/list-services.ts';
import { UpdateServiceHandler } from './services/update-service.ts';
import { SummaryProgress } from './summary-progress.ts';
import { TimelineProgress } from './timeline-progress.ts';
import { MintAccessTokenHandler } from './tokens/mint-access-token.ts';
import { CreateUserHandler } from './users/create-user.ts';
import { DeleteUserHandler } from './users/delete-user.ts';
import { GetUserStateHandler } from './users/get-user-state.ts';
import { GetUserHandler } from './users/get-user.ts';
import { ListUsersHandler } from './users/list-users.ts';
import { RevokeTokensHandler } from './users/revoke-tokens.ts';
import { UpdateUserHandler } from './users/update-user.ts';
import { GetDeliveryHandler } from './webhooks/get-delivery.ts';
import { ListDeliveriesHandler } from './webhooks/list-deliveries.ts';
import { RetryDeliveriesHandler } from './webhooks/retry-deliveries.ts';
import { RetryDeliveryHandler } from './webhooks/retry-delivery.ts';

const COMMAND_HANDLERS = [
  CreateServiceHandler,
  UpdateServiceHandler,
  DeleteServiceHandler,
  FindDefaultServiceHandler,
  CreateRoleHandler,
  UpdateRoleHandler,
  DeleteRoleHandler,
  CreateUserHandler,
  UpdateUserHandler,
  DeleteUserHandler,
  RevokeTokensHandler,
  OpenConnectionHandler,
  RenewConnectionHandler,
  CloseConnectionHandler,
  OpenSocketConnectionHandler,
  RecordConnectionCloseHandler,
  CloseOrphanedConnectionsHandler,
  RegisterBindingHandler,
  RemoveBindingHandler,
  StartNodeHandler,
  StopNodeHandler,
  LoseNodeHandler,
  MintAccessTokenHandler,
  RetryDeliveryHandler,
  RetryDeliveriesHandler,
  RequestJobHandler,
  CancelJobHandler,
  CreateApiKeyHandler,
  RotateApiKeyHandler,
  RevokeApiKeyHandler,
];

const QUERY_HANDLERS = [
  GetServiceHandler,
  GetServiceStateHandler,
  ListServicesHandler,
  GetUserHandler,
  GetUserStateHandler,
  ListUsersHandler,
  GetConnectionHandler,
  ListConnectionsHandler,
  GetBindingHandler,
  ListBindingsHandler,
  GetPastReachabilityHandler,
  GetReachabilityHistoryHandler,
  ExplainReachabilityHandler,
  ListEventsHandler,
  QueryReachabilityHandler,
  GetServiceSummaryHandler,
  GetDeliveryHandler,
  ListDeliveriesHandler,
  GetNodeStateHandler,
  ListNodesHandler,
  GetProjectionHandler,
  ListProjectionsHandler,
  GetJobHandler,
  ListJobsHandler,
  ListDeadLettersHandler,
  GetApiKeyHandler,
  ListApiKeysHandler,
];

/** Commands and queries: the only way in for REST, sockets and workers. */
@Global()
@Module({
  providers: [
    {
      provide: Aggregates,
      inject: [EVENT_STORE, CLOCK, TRACING],
      useFactory: (events: EventStore, clock: Clock, tracing: Tracing | null) => {
        const logger = new Logger(Aggregates.name);
        const trace = tracing === null ? null : commandTracer(tracing);
        return new Aggregates(events, clock, (message) => logger.warn(message), trace);
      },
    },
    {
      provide: ReadModelProgress,
      inject: [USERS_READ_MODEL, STORES],
      useFactory: (readModel: UsersReadModel, { signals }: Pick<Stores, 'signals'>) => {
        const logger = new Logger(ReadModelProgress.name);
        return new ReadModelProgress(readModel, {
          moves: signals?.users ?? null,
          onError: (message) => logger.error(message),
        });
      },
    },
    {
      provide: PublishedPositions,
      inject: [ReadModelProgress],
      useFactory: (progress: ReadModelProgress) => new PublishedPositions(progress),
    },
    {
      provide: ReadBarrier,
      inject: [PublishedPositions, ReadModelProgress],
      useFactory: (published: PublishedPositions, progress: ReadModelProgress) =>
        new ReadBarrier(published, progress),
    },
    ObservedLeases,
    ProjectionStatuses,
    TimelineProgress,
    SummaryProgress,
    RowReader,
    TimelineReader,
    ...COMMAND_HANDLERS,
    ...QUERY_HANDLERS,
  ],
  exports: [
    ObservedLeases,
    Aggregates,
    ReadModelProgress,
    SummaryProgress,
    TimelineProgress,
    PublishedPositions,
    ReadBarrier,
  ],
})
export class UseCasesModule {}
