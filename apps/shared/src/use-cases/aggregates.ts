import {
  apiKeyAggregate,
  nodeAggregate,
  serviceAggregate,
  userAggregate,
  type ApiKeyCommand,
  type ApiKeyEvent,
  type ApiKeyState,
  type NodeCommand,
  type NodeEvent,
  type NodeState,
  type ServiceCommand,
  type ServiceEvent,
  type ServiceState,
  type UserCommand,
  type UserEvent,
  type UserState,
} from '#domain';
import {
  AggregateCommandHandler,
  type AggregateCommandHandlerOptions,
  type CommandTracer,
  type EventStore,
} from '#event-store';

/**
 * Maximum number of Users whose state is kept in memory: enough for those that come and go within a minute. Keeping
 * every User with an open Connection would add a sixth to the memory that a Connection takes.
 */
const USERS_IN_MEMORY = 5_000;

/** The command handlers of all aggregates. A process has one of each, so that commands share the cached states. */
export class Aggregates {
  readonly services: AggregateCommandHandler<ServiceState, ServiceCommand, ServiceEvent>;
  readonly users: AggregateCommandHandler<UserState, UserCommand, UserEvent>;
  readonly keys: AggregateCommandHandler<ApiKeyState, ApiKeyCommand, ApiKeyEvent>;
  readonly nodes: AggregateCommandHandler<NodeState, NodeCommand, NodeEvent>;

  /**
   * @param warn takes a line for the log when a snapshot cannot be written
   * @param trace handles commands in spans; null without tracing
   */
  constructor(
    events: EventStore,
    clock: () => Date,
    warn: (message: string) => void = () => undefined,
    trace: CommandTracer | null = null,
  ) {
    const options: AggregateCommandHandlerOptions = {
      onSnapshotError: (stream, error) => warn(`No snapshot of ${stream}: ${String(error)}`),
      ...(trace === null ? {} : { trace }),
    };
    this.services = new AggregateCommandHandler(serviceAggregate, events, clock, options);
    const userOptions = { ...options, cacheSize: USERS_IN_MEMORY };
    this.users = new AggregateCommandHandler(userAggregate, events, clock, userOptions);
    this.keys = new AggregateCommandHandler(apiKeyAggregate, events, clock, options);
    this.nodes = new AggregateCommandHandler(nodeAggregate, events, clock, options);
  }
}
