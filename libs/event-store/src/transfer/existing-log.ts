import type { NewEvent, RecordedEvent } from '../envelope.ts';
import type { EventStore } from '../event-store.ts';

/** An event before a store has given it a position. */
export type StreamEvent = NewEvent & Pick<RecordedEvent, 'stream' | 'revision'>;

/**
 * Goes along a store's log beside the events that are to be written to it. What an interrupted writing left is
 * the beginning of them, event by event; anything else in the store is somebody else's.
 */
export class ExistingLog {
  readonly #events: AsyncIterator<RecordedEvent>;
  #ended = false;

  constructor(store: EventStore) {
    this.#events = store.readAll()[Symbol.asyncIterator]();
  }

  /** True once everything in the store has been compared. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** What stands in the log where `event` belongs: nothing yet, the same event, or in words what else. */
  async compare(event: StreamEvent): Promise<'absent' | 'same' | { readonly other: string }> {
    if (this.#ended) return 'absent';
    const next = await this.#events.next();
    if (next.done === true) {
      this.#ended = true;
      return 'absent';
    }
    return isSame(next.value, event) ? 'same' : { other: describeEvent(next.value) };
  }

  /** Lets go of the log. */
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
    JSON.stringify(a.metadata) === JSON.stringify(b.metadata)
  );
}

/** An event by its type, place and id. */
export function describeEvent({ type, stream, revision, id }: StreamEvent): string {
  return `${type} at revision ${revision} of ${stream} (${id})`;
}
