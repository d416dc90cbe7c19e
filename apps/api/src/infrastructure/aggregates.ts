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
import {
  AggregateCommandHandler,
  type AggregateCommandHandlerOptions,
  type EventStore,
} from '#event-store';
import { CLOCK, EVENT_STORE, type Clock } from './tokens.ts';

/**
 * Users whose streams are kept in memory: as many as are likely to come and go within a minute. Of all whose clients
 * are merely connected it would be a sixth of the memory that a connection takes.
 */
const USERS_IN_MEMORY = 5_000;

/** The command handlers of all aggregates. There is one instance per process, so that all users share its caches. */
@Injectable()
export class Aggregates {
  readonly services: AggregateCommandHandler<ServiceState, ServiceCommand, ServiceEvent>;
  readonly users: AggregateCommandHandler<UserState, UserCommand, UserEvent>;
  readonly nodes: AggregateCommandHandler<NodeState, NodeCommand, NodeEvent>;

  constructor(@Inject(EVENT_STORE) events: EventStore, @Inject(CLOCK) clock: Clock) {
    const logger = new Logger(Aggregates.name);
    const options: AggregateCommandHandlerOptions = {
      onSnapshotError: (stream, error) => logger.warn(`No snapshot of ${stream}: ${String(error)}`),
    };
    this.services = new AggregateCommandHandler(serviceAggregate, events, clock, options);
    const ofUsers = { ...options, cacheSize: USERS_IN_MEMORY };
    this.users = new AggregateCommandHandler(userAggregate, events, clock, ofUsers);
    this.nodes = new AggregateCommandHandler(nodeAggregate, events, clock, options);
  }
}
