import type { DomainEvent } from '#domain';
import { justAfter, type EventLog, type Position, type RecordedEvent } from '#event-store';
import { formatEventRef, type EventRef } from './dead-letter.ts';
import { toProjectedEvent, type Projection } from './projection.ts';

interface Cursor<State> {
  readonly events: AsyncIterator<RecordedEvent>;
  next: RecordedEvent | null;
  state: State | null;
  /** Position up to which `state` contains the events of the stream. */
  reached: Position;
}

/**
 * Past states of keys, folded from their streams. Their times are the events' own `occurredAt`, because effective
 * times need the whole log: so a lookup must not use a time.
 */
export class StatesAsOf<State, Event extends DomainEvent> {
  readonly #projection: Projection<State, Event>;
  readonly #log: Pick<EventLog, 'readStream'>;
  readonly #skipped: ReadonlySet<string>;
  readonly #cursors = new Map<string, Cursor<State>>();
  readonly #opened: AsyncIterator<RecordedEvent>[] = [];

  constructor(
    projection: Projection<State, Event>,
    log: Pick<EventLog, 'readStream'>,
    skipped: readonly EventRef[],
  ) {
    this.#projection = projection;
    this.#log = log;
    this.#skipped = new Set(skipped.map(formatEventRef));
  }

  /** State of a key just before a position. Cheap when the requested positions only grow. */
  async stateBefore(key: string, position: Position): Promise<State | null> {
    let cursor = this.#cursors.get(key);
    if (cursor === undefined || cursor.reached > position) cursor = await this.#open(key);
    while (cursor.next !== null && cursor.next.position < position) {
      const folded = cursor.next;
      await this.#fold(cursor, folded);
      cursor.next = await nextOf(cursor.events);
      cursor.reached = justAfter(folded.position);
    }
    cursor.reached = position;
    return cursor.state;
  }

  /** The states that the fold of an event looks up. */
  async lookupsOf(event: Event, position: Position): Promise<ReadonlyMap<string, State | null>> {
    const found = new Map<string, State | null>();
    for (const key of this.#projection.lookups(event)) {
      found.set(key, await this.stateBefore(key, position));
    }
    return found;
  }

  async close(): Promise<void> {
    for (const events of this.#opened) await events.return?.();
  }

  async #open(key: string): Promise<Cursor<State>> {
    // A fold that waits for this look-up may still read from the cursor before.
    const events = this.#log.readStream(key)[Symbol.asyncIterator]();
    this.#opened.push(events);
    const cursor = { events, next: await nextOf(events), state: null, reached: '' };
    this.#cursors.set(key, cursor);
    return cursor;
  }

  async #fold(cursor: Cursor<State>, recorded: RecordedEvent): Promise<void> {
    if (this.#skipped.has(formatEventRef(recorded))) return;
    const event = this.#projection.registry.decode(recorded);
    const seen = await this.lookupsOf(event, recorded.position);
    const projected = toProjectedEvent(recorded, event, recorded.metadata.occurredAt);
    cursor.state = this.#projection.evolve(cursor.state, projected, (key) => seen.get(key) ?? null);
  }
}

async function nextOf(events: AsyncIterator<RecordedEvent>): Promise<RecordedEvent | null> {
  const next = await events.next();
  return next.done === true ? null : next.value;
}
