import { uuidV5, type DomainEvent, type EventRegistry } from '#domain';
import type { NewEvent } from '../envelope.ts';
import type { CommandContext } from './command-context.ts';

/**
 * The events of one command, ready to append: their ids derive from the command's, so that the same command
 * sent again makes the same events.
 *
 * @param occurredAt ISO 8601 with milliseconds
 * @throws InvalidEventError
 */
export function envelop<Event extends DomainEvent>(
  events: readonly Event[],
  registry: EventRegistry<Event>,
  occurredAt: string,
  { commandId, correlationId, actor }: CommandContext,
): NewEvent[] {
  return events.map((event, index) => ({
    id: uuidV5(`${commandId}/${index}`),
    ...registry.encode(event),
    metadata: { occurredAt, correlationId, causationId: commandId, actor },
  }));
}
