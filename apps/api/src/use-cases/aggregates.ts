import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  nodeAggregate,
  serviceAggregate,
  userAggregate,
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
import { CommandHandling, type CommandHandlingOptions, type EventStore } from '#event-store';
import { CLOCK, EVENT_STORE, type Clock } from '../platform/injection-tokens.ts';

/**
 * Users whose streams are kept in memory: as many as are likely to come and go within a minute. Of all whose clients
 * are merely connected it would be a sixth of the memory that a connection takes.
 */
const USERS_IN_MEMORY = 5_000;

/** Command handling of each aggregate, one of each in a process: they share the cache of folded streams. */
@Injectable()
export class Aggregates {
  readonly services: CommandHandling<ServiceState, ServiceCommand, ServiceEvent>;
  readonly users: CommandHandling<UserState, UserCommand, UserEvent>;
  readonly nodes: CommandHandling<NodeState, NodeCommand, NodeEvent>;

  constructor(@Inject(EVENT_STORE) events: EventStore, @Inject(CLOCK) clock: Clock) {
    const logger = new Logger(Aggregates.name);
    const options: CommandHandlingOptions = {
      onSnapshotError: (stream, error) => logger.warn(`No snapshot of ${stream}: ${String(error)}`),
    };
    this.services = new CommandHandling(serviceAggregate, events, clock, options);
    const ofUsers = { ...options, cacheSize: USERS_IN_MEMORY };
    this.users = new CommandHandling(userAggregate, events, clock, ofUsers);
    this.nodes = new CommandHandling(nodeAggregate, events, clock, options);
  }
}
