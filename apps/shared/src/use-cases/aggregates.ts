import type {
  NodeCommand,
  NodeEvent,
  NodeState,
  ServiceCommand,
  ServiceEvent,
  ServiceState,
  UserCommand,
  UserEvent,
  UserState,
} from '#domain';
import {
  CommandHandling,
  nodeAggregate,
  serviceAggregate,
  userAggregate,
  type CommandHandlingOptions,
  type EventStore,
} from '#event-store';

/**
 * Most Users whose state is kept in memory: enough for those that come and go within a minute. Keeping every User
 * with an open Connection would add a sixth to the memory that a Connection takes.
 */
const USERS_IN_MEMORY = 5_000;

/** The command handlers of all aggregates. A process has one of each, so that commands share the cached states. */
export class Aggregates {
  readonly services: CommandHandling<ServiceState, ServiceCommand, ServiceEvent>;
  readonly users: CommandHandling<UserState, UserCommand, UserEvent>;
  readonly nodes: CommandHandling<NodeState, NodeCommand, NodeEvent>;

  /** @param warn takes a line for the log when a snapshot cannot be written */
  constructor(
    events: EventStore,
    clock: () => Date,
    warn: (message: string) => void = () => undefined,
  ) {
    const options: CommandHandlingOptions = {
      onSnapshotError: (stream, error) => warn(`No snapshot of ${stream}: ${String(error)}`),
    };
    this.services = new CommandHandling(serviceAggregate, events, clock, options);
    const userOptions = { ...options, cacheSize: USERS_IN_MEMORY };
    this.users = new CommandHandling(userAggregate, events, clock, userOptions);
    this.nodes = new CommandHandling(nodeAggregate, events, clock, options);
  }
}
