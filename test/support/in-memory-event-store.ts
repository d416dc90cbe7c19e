import {
  EventStoreUnavailableError,
  WrongExpectedRevisionError,
  type AppendResult,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionMessage,
} from '#event-store';
import { InMemorySnapshotStore } from './in-memory-snapshot-store.ts';

/** Places have gaps, as in a real log, so that nobody comes to count with them. */
const POSITION_STEP = 10;
const POSITION_WIDTH = 16;

interface AppendFault {
  readonly error: Error;
  readonly moment: 'before' | 'after';
}

/**
 * The whole event store port in memory, for tests: revisions, conflicts, idempotent appends and live
 * subscriptions behave as in the real adapters. What goes in and what comes out are copies. On top of the port
 * it counts its traffic, and fails, waits or drops its subscribers on demand.
 */
export class InMemoryEventStore implements EventStore {
  readonly epoch: string;
  readonly snapshots = new InMemorySnapshotStore();

  /** Called with the stream at the start of every append, which waits for it. */
  beforeAppend: (stream: string) => Promise<void> | void = () => undefined;

  /** Appends asked for so far, whatever came of them. */
  appendCalls = 0;
  /** Events handed out by `readStream` and `readAll` so far. */
  eventsRead = 0;

  readonly #log: RecordedEvent[] = [];
  readonly #streams = new Map<string, RecordedEvent[]>();
  readonly #appendFaults: AppendFault[] = [];
  readonly #readFaults: Error[] = [];
  readonly #waiting = new Set<() => void>();
  #drops = 0;
  #closed = false;

  constructor(epoch = 'in-memory') {
    this.epoch = epoch;
  }

  /** Everything appended so far, in log order. */
  get log(): readonly RecordedEvent[] {
    return asStored(this.#log);
  }

  /**
   * The next append rejects with `error`, before or after it was applied; called again, it adds a fault for the
   * append after that one.
   */
  failNextAppend(error: Error, moment: AppendFault['moment'] = 'before'): void {
    this.#appendFaults.push({ error, moment });
  }

  /** The next `readStream` or `readAll` throws `error` at its first step. */
  failNextRead(error: Error): void {
    this.#readFaults.push(error);
  }

  /** Every subscription under way throws EventStoreUnavailableError, as when the connection is lost. */
  dropSubscriptions(): void {
    this.#drops += 1;
    this.#wake();
  }

  async append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<AppendResult> {
    this.appendCalls += 1;
    const fault = this.#appendFaults.shift();
    const copies = asStored(events);
    await this.beforeAppend(stream);
    this.#assertOpen();
    if (fault?.moment === 'before') throw fault.error;
    const result = this.#write(stream, expectedRevision, copies);
    if (fault?.moment === 'after') throw fault.error;
    return result;
  }

  async *readStream(
    stream: string,
    { from = 0, limit = Infinity }: ReadStreamOptions = {},
  ): AsyncGenerator<RecordedEvent> {
    yield* this.#read(this.#streams.get(stream)?.slice(from, from + limit) ?? []);
  }

  async *readAll({
    after = null,
    limit = Infinity,
  }: ReadAllOptions = {}): AsyncGenerator<RecordedEvent> {
    const start = indexAfter(after);
    yield* this.#read(this.#log.slice(start, start + limit));
  }

  async *subscribe({
    after = null,
    signal,
    types,
  }: SubscribeOptions = {}): AsyncGenerator<SubscriptionMessage> {
    this.#assertOpen();
    const drops = this.#drops;
    const wake = () => this.#wake();
    signal?.addEventListener('abort', wake);
    try {
      let next = indexAfter(after);
      let caughtUpAt: number | null = null;
      while (!this.#closed && signal?.aborted !== true) {
        if (this.#drops !== drops) throw new EventStoreUnavailableError('Subscription dropped');
        const event = this.#log[next];
        if (event !== undefined) {
          next += 1;
          yield types?.includes(event.type) === false
            ? { kind: 'checkpoint', position: event.position }
            : { kind: 'event', event: asStored(event) };
        } else if (caughtUpAt !== next) {
          caughtUpAt = next;
          yield { kind: 'caughtUp', position: this.#head() };
        } else {
          await new Promise<void>((resolve) => this.#waiting.add(resolve));
        }
      }
    } finally {
      signal?.removeEventListener('abort', wake);
    }
  }

  async head(): Promise<Position | null> {
    this.#assertOpen();
    return Promise.resolve(this.#head());
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    return Promise.resolve();
  }

  #write(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly NewEvent[],
  ): AppendResult {
    if (events.length === 0) throw new RangeError('An append needs at least one event');
    const recorded = this.#streams.get(stream) ?? [];
    const first = expectedRevision === 'no_stream' ? 0 : expectedRevision + 1;
    if (first !== recorded.length) {
      const last = recorded[first + events.length - 1];
      const repeated = events.every((event, index) => recorded[first + index]?.id === event.id);
      if (last !== undefined && repeated) {
        return { revision: last.revision, position: last.position };
      }
      const actual = recorded.length === 0 ? 'no_stream' : recorded.length - 1;
      throw new WrongExpectedRevisionError(stream, expectedRevision, actual);
    }
    this.#streams.set(stream, recorded);
    for (const event of events) {
      const position = positionAt(this.#log.length);
      const record = { ...event, stream, revision: recorded.length, position };
      recorded.push(record);
      this.#log.push(record);
    }
    this.#wake();
    return { revision: recorded.length - 1, position: positionAt(this.#log.length - 1) };
  }

  async *#read(events: readonly RecordedEvent[]): AsyncGenerator<RecordedEvent> {
    this.#assertOpen();
    const fault = this.#readFaults.shift();
    if (fault !== undefined) throw fault;
    for (const event of events) {
      this.eventsRead += 1;
      yield await Promise.resolve(asStored(event));
    }
  }

  #head(): Position | null {
    return this.#log.at(-1)?.position ?? null;
  }

  #assertOpen(): void {
    if (this.#closed) throw new EventStoreUnavailableError('The store has been closed');
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

function positionAt(index: number): Position {
  return String((index + 1) * POSITION_STEP).padStart(POSITION_WIDTH, '0');
}

/** Index in the log of the first event after a place. */
function indexAfter(position: Position | null): number {
  return Math.floor(Number(position ?? 0) / POSITION_STEP);
}

/** A copy as JSON leaves it, which is how every real store keeps events. */
function asStored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
