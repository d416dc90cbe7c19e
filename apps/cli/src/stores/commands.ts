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
import { CommandHandling, type CommandContext, type EventStore } from '#event-store';

/** Who sends the commands of the command line: events name it as their actor. */
export function cliContext(): CommandContext {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, actor: 'cli' };
}

/** Carries out commands on Services. */
export function serviceCommands(
  events: EventStore,
): CommandHandling<ServiceState, ServiceCommand, ServiceEvent> {
  return new CommandHandling(serviceAggregate, events, () => new Date());
}

/** Carries out commands on Users. */
export function userCommands(
  events: EventStore,
): CommandHandling<UserState, UserCommand, UserEvent> {
  return new CommandHandling(userAggregate, events, () => new Date());
}
