import { randomUUID } from 'node:crypto';
import {
  serviceAggregate,
  userAggregate,
  type ServiceCommand,
  type ServiceEvent,
  type ServiceState,
  type UserCommand,
  type UserEvent,
  type UserState,
} from '#domain';
import { AggregateCommandHandler, type CommandContext, type EventStore } from '#event-store';

/** Returns the context for a command of the command line: its events have the actor `cli`. */
export function cliContext(): CommandContext {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, actor: 'cli' };
}

/** Returns the handler of commands on Services. */
export function serviceCommands(
  events: EventStore,
): AggregateCommandHandler<ServiceState, ServiceCommand, ServiceEvent> {
  return new AggregateCommandHandler(serviceAggregate, events, () => new Date());
}

/** Returns the handler of commands on Users. */
export function userCommands(
  events: EventStore,
): AggregateCommandHandler<UserState, UserCommand, UserEvent> {
  return new AggregateCommandHandler(userAggregate, events, () => new Date());
}
