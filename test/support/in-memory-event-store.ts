import {
  CLOCK_LEAD_MS,
  EventStoreUnavailableError,
  markClockLead,
  type AppendResult,
  type EpochStart,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  StoreHealthRecord,
  type StoredStream,
  type StoreHealth,
  type SubscribeOptions,
  type SubscriptionMessage,
} from '#event-store';
import { InMemoryLog } from './in-memory-log.ts';
import { InMemorySnapshotStore } from './in-memory-snapshot-store.ts';

/** Events that a subscription reads from the log at a time. */
const BATCH = 256;

interface AppendFault {
  readonly error: Error;
  readonly moment: 'before' | 'after';
}

/**
 * In-memory event store for tests. It passes the same contract as the real adapters, and copies events on the way in
 * and out. It also counts its traffic, and on demand it fails, waits, or drops its subscribers.
 */
export class InMemoryEventStore implements EventStore {
  readonly epoch: string;
  readonly formerEpochs: readonly string[];
  readonly epochStart: EpochStart | null;
  readonly snapshots: InMemorySnapshotStore;

  /** Called with the stream at the start of every append, which waits for it. */
  beforeAppend: (stream: string) => Promise<void> | void = () => undefined;

  /** Append calls so far, successful or not. */
  appendCalls = 0;
  /** Calls of `loadStreams` so far. */
  streamLoads = 0;
  /** Events of each stream that `loadStreams` returns at most. */
  mostEventsLoaded = Infinity;
  /** Events returned by reads so far. */
  eventsRead = 0;

  readonly #log: InMemoryLog;
  readonly #appends = new Set<Promise<unknown>>();
  readonly #appendFaults: AppendFault[] = [];
  readonly #readFaults: Error[] = [];
  readonly #health = new StoreHealthRecord();
  #drops = 0;
  #closed = false;

  constructor(log = new InMemoryLog()) {
    this.#log = log;
    this.epoch = log.epoch;
    this.formerEpochs = [...log.formerEpochs];
    this.epochStart = log.epochStart;
    this.snapshots = new InMemorySnapshotStore(log.snapshots, () => this.#assertOpen());
  }

  get health(): StoreHealth {
    return this.#health.health;
  }

  /** All events that any store appended to this log, in log order. */
  get log(): readonly RecordedEvent[] {
    return asStored(this.#log.after(null, Infinity));
  }

  /** Removes the events after a position, as a restore of an older copy does, and drops the subscriptions. */
  goBackTo(position: Position | null): void {
    this.#log.goBackTo(position);
    this.dropSubscriptions();
  }

  /** Opens another store on the same log, as another process would. */
  another(): InMemoryEventStore {
    return new InMemoryEventStore(this.#log);
  }

  /**
   * Makes the next append reject with `error`, before or after it is applied. Each further call adds a fault for one
   * more append.
   */
  failNextAppend(error: Error, moment: AppendFault['moment'] = 'before'): void {
    this.#appendFaults.push({ error, moment });
  }

  /** Makes the next `readStream` or `readAll` throw `error` at its first step. */
  failNextRead(error: Error): void {
    this.#readFaults.push(error);
  }

  /** Makes the store say that it is away, as after a call without an answer. */
  away(reason: string): void {
    this.#health.setReadFault(reason);
  }

  /** Makes every running subscription throw EventStoreUnavailableError, as after a lost connection. */
  dropSubscriptions(): void {
    this.#drops += 1;
    this.#log.wake();
  }

  async append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<AppendResult> {
    this.appendCalls += 1;
    this.#assertOpen();
    if (events.length === 0) throw new RangeError('An append needs at least one event');
    const marked = events.map((event) => ({
      ...event,
      metadata: markClockLead(event.metadata, Date.now(), CLOCK_LEAD_MS),
    }));
    const append = this.#append(stream, expectedRevision, asStored(marked));
    this.#appends.add(append);
    return append.finally(() => this.#appends.delete(append));
  }

  readStream(
    stream: string,
    {
      backwards = false,
      from = backwards ? Infinity : 0,
      limit = Infinity,
    }: ReadStreamOptions = {},
  ): AsyncGenerator<RecordedEvent> {
    return this.#read(() =>
      backwards
        ? this.#log
            .stream(stream, 0, from + 1)
            .toReversed()
            .slice(0, limit)
        : this.#log.stream(stream, from, limit),
    );
  }

  async loadStreams(streams: readonly string[], snapshotVersion: number): Promise<StoredStream[]> {
    this.streamLoads += 1;
    const loaded: StoredStream[] = [];
    for (const stream of streams) {
      const found = await this.snapshots.load(stream);
      const snapshot = found?.version === snapshotVersion ? found : null;
      const from = snapshot === null ? 0 : snapshot.revision + 1;
      const limit = this.mostEventsLoaded;
      const events = await Array.fromAsync(this.readStream(stream, { from, limit }));
      loaded.push({ snapshot, events, isComplete: events.length < limit });
    }
    return loaded;
  }

  readAll({ after = null, limit = Infinity }: ReadAllOptions = {}): AsyncGenerator<RecordedEvent> {
    return this.#read(() => this.#log.after(after, limit));
  }

  async *subscribe({
    after = null,
    signal,
    types,
  }: SubscribeOptions = {}): AsyncGenerator<SubscriptionMessage> {
    this.#assertOpen();
    const drops = this.#drops;
    const wake = () => this.#log.wake();
    signal?.addEventListener('abort', wake);
    try {
      const isOver = () => {
        if (this.#drops !== drops) throw new EventStoreUnavailableError('Subscription dropped');
        return this.#closed || signal?.aborted === true;
      };
      let position = after;
      let isCaughtUp = false;
      while (!isOver()) {
        const batch = this.#log.after(position, BATCH);
        for (const event of batch) {
          if (isOver()) return;
          position = event.position;
          yield types?.includes(event.type) === false
            ? { kind: 'checkpoint', position }
            : { kind: 'event', event: asStored(event) };
        }
        if (batch.length > 0) {
          isCaughtUp = false;
        } else if (!isCaughtUp) {
          isCaughtUp = true;
          yield { kind: 'caughtUp', position: this.#log.head === null ? null : position };
        } else {
          await this.#log.changed();
        }
      }
    } finally {
      signal?.removeEventListener('abort', wake);
    }
  }

  async head(): Promise<Position | null> {
    this.#assertOpen();
    return Promise.resolve(this.#log.head);
  }

  async eventIdAt(position: Position): Promise<string | null> {
    this.#assertOpen();
    return Promise.resolve(this.#log.eventAt(position)?.id ?? null);
  }

  async isCurrent(): Promise<boolean> {
    this.#assertOpen();
    return Promise.resolve(this.#log.epoch === this.epoch);
  }

  async renewEpoch(former: string): Promise<void> {
    this.#log.renewEpoch(former);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#log.wake();
    await Promise.allSettled(this.#appends);
  }

  async #append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<AppendResult> {
    const fault = this.#appendFaults.shift();
    await this.beforeAppend(stream);
    if (fault?.moment === 'before') throw fault.error;
    const result = this.#log.append(stream, expectedRevision, events);
    if (fault?.moment === 'after') throw fault.error;
    this.#health.writeSucceeded();
    return result;
  }

  async *#read(events: () => readonly RecordedEvent[]): AsyncGenerator<RecordedEvent> {
    this.#assertOpen();
    const fault = this.#readFaults.shift();
    if (fault !== undefined) throw fault;
    this.#health.readSucceeded();
    for (const event of await Promise.resolve(events())) {
      this.eventsRead += 1;
      yield asStored(event);
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new EventStoreUnavailableError('The store has been closed');
  }
}

/** A copy through JSON, as every real store keeps events. */
function asStored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
