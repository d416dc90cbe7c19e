import { randomUUID } from 'node:crypto';
import type {
  ServiceCommand,
  ServiceEvent,
  ServiceState,
  UserCommand,
  UserEvent,
  UserState,
} from '#domain';
import {
  CommandHandling,
  serviceAggregate,
  userAggregate,
  type CommandContext,
  type EventStore,
} from '#event-store';

/** Returns the context for a command of the command line: its events have the actor `cli`. */
export function cliContext(): CommandContext {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, actor: 'cli' };
}

/** Returns the handler of commands on Services. */
export function serviceCommands(
  events: EventStore,
): CommandHandling<ServiceState, ServiceCommand, ServiceEvent> {
  return new CommandHandling(serviceAggregate, events, () => new Date());
}

/** Returns the handler of commands on Users. */
export function userCommands(
  events: EventStore,
): CommandHandling<UserState, UserCommand, UserEvent> {
  return new CommandHandling(userAggregate, events, () => new Date());
}
