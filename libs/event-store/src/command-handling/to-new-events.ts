import { uuidV5, type DomainEvent, type EventRegistry } from '#domain';
import type { NewEvent } from '../envelope.ts';

/** Who sends a command, and on whose behalf. It becomes part of the metadata of each event of the command. */
export interface CommandContext {
  /** The ids of the command's events derive from it. A command sent again with the same id changes nothing. */
  readonly commandId: string;
  readonly correlationId: string;
  readonly actor: string;
  /** See `EventMetadata.source`. */
  readonly source?: string;
  /** See `EventMetadata.trace`. */
  readonly trace?: string;
}

/**
 * Returns the events of one command, ready to append. Their ids derive from the command id: the same command sent
 * again produces the same ids.
 *
 * @param occurredAt ISO 8601 with milliseconds
 * @throws InvalidEventError
 */
export function toNewEvents<Event extends DomainEvent>(
  events: readonly Event[],
  registry: EventRegistry<Event>,
  occurredAt: string,
  { commandId: causationId, correlationId, actor, source, trace }: CommandContext,
): NewEvent[] {
  const known = {
    ...(source === undefined ? {} : { source }),
    ...(trace === undefined ? {} : { trace }),
  };
  return events.map((event, index) => ({
    id: uuidV5(`${causationId}/${index}`),
    ...registry.encode(event),
    metadata: { occurredAt, correlationId, causationId, actor, ...known },
  }));
}
