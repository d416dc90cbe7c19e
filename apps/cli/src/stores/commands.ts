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

/** Who sends the commands of the command line: events name it as their actor. */
export function cliContext(): CommandContext {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, actor: 'cli' };
}

/** Carries out commands on Services. */
export function serviceCommands(
  events: EventStore,
): AggregateCommandHandler<ServiceState, ServiceCommand, ServiceEvent> {
  return new AggregateCommandHandler(serviceAggregate, events, () => new Date());
}

/** Carries out commands on Users. */
export function userCommands(
  events: EventStore,
): AggregateCommandHandler<UserState, UserCommand, UserEvent> {
  return new AggregateCommandHandler(userAggregate, events, () => new Date());
}
