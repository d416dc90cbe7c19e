import type { EventMetadata, NewEvent, RecordedEvent } from '../envelope.ts';
import type { EventStore } from '../event-store.ts';

/** An event of a stream, without a position. */
type StreamEvent = NewEvent & Pick<RecordedEvent, 'stream' | 'revision'>;

/**
 * Compares a store's log with the events to write to it, event by event. After an interrupted write the log equals
 * the beginning of these events; any other log belongs to someone else.
 */
export class ExistingLog {
  readonly #events: AsyncIterator<RecordedEvent>;
  #ended = false;

  constructor(store: EventStore) {
    this.#events = store.readAll()[Symbol.asyncIterator]();
  }

  /** True once the whole log has been compared. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Compares `event` with the next event of the log. For a different event, returns its description. */
  async compare(event: StreamEvent): Promise<'absent' | 'same' | { readonly other: string }> {
    if (this.#ended) return 'absent';
    const next = await this.#events.next();
    if (next.done === true) {
      this.#ended = true;
      return 'absent';
    }
    return isSame(next.value, event) ? 'same' : { other: eventLabel(next.value) };
  }

  /** Stops reading the log. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#events.return?.();
  }
}

function isSame(a: StreamEvent, b: StreamEvent): boolean {
  return (
    a.id === b.id &&
    a.stream === b.stream &&
    a.revision === b.revision &&
    a.type === b.type &&
    a.schemaVersion === b.schemaVersion &&
    JSON.stringify(a.data) === JSON.stringify(b.data) &&
    isSameMetadata(a.metadata, b.metadata)
  );
}

/** Whether both come from the same command. `recordedAt` belongs to a store, not to the command. */
function isSameMetadata(a: EventMetadata, b: EventMetadata): boolean {
  return (
    a.occurredAt === b.occurredAt &&
    a.correlationId === b.correlationId &&
    a.causationId === b.causationId &&
    a.actor === b.actor &&
    a.source === b.source &&
    a.trace === b.trace
  );
}

/** Describes an event by its type, revision, stream and id. */
export function eventLabel({ type, stream, revision, id }: StreamEvent): string {
  return `${type} at revision ${revision} of ${stream} (${id})`;
}
