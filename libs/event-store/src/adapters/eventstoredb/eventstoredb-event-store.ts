import { CLOCK_LEAD_MS } from '../../clock-lead.ts';
import type { NewEvent, RecordedEvent } from '../../envelope.ts';
import { EventStoreUnavailableError, EventStoreUnwritableError } from '../../errors.ts';
import type {
  AppendResult,
  EpochStart,
  EventStore,
  ExpectedRevision,
  ReadAllOptions,
  ReadStreamOptions,
  SubscribeOptions,
  SubscriptionMessage,
} from '../../event-store.ts';
import type { LogOwnerStore } from '../../log-owner.ts';
import type { Position } from '../../position.ts';
import type { SnapshotStore } from '../../snapshot-store.ts';
import { StoreHealthRecord, type StoreHealth } from '../../store-health.ts';
import { readEpochs, renewEpoch, type Epochs } from './epoch.ts';
import { MessageIterator } from './message-iterator.ts';
import { toAppendError, toReadError, withTimeout } from './failures.ts';
import { LogClientError, type LogClient } from './log-client.ts';
import { eventIdAt, LogHead, readAll, readStream } from './log-reads.ts';
import { toPosition } from './positions.ts';
import { readAhead } from './read-ahead.ts';
import { toRawNewEvent } from './records.ts';
import { StreamSnapshots } from './snapshots.ts';
import { StreamLogOwner } from './stream-log-owner.ts';
import { follow, type FollowOptions } from './subscription.ts';
import { WriteCheck } from './write-check.ts';

interface EventStoreDbEventStoreOptions {
  /** Milliseconds without an answer after which the outcome of an append counts as unknown. */
  readonly timeoutMs: number;
  /** See `markClockLead`. */
  readonly clockLeadMs?: number;
  /** The client records reads, this store records writes. */
  readonly health?: StoreHealthRecord;
}

/** The event store on top of a {@link LogClient}. */
export class EventStoreDbEventStore implements EventStore {
  readonly epoch: string;
  readonly formerEpochs: readonly string[];
  readonly epochStart: EpochStart | null;
  readonly snapshots: SnapshotStore;
  readonly owner: LogOwnerStore;
  readonly #client: LogClient;
  readonly #timeoutMs: number;
  readonly #clockLeadMs: number;
  readonly #head: LogHead;
  readonly #health: StoreHealthRecord;
  readonly #writeCheck: WriteCheck;
  readonly #closing = new AbortController();
  readonly #writes = new Set<Promise<unknown>>();
  #closed: Promise<void> | null = null;

  constructor(
    client: LogClient,
    { epoch, formerEpochs, epochStart }: Epochs,
    {
      timeoutMs,
      clockLeadMs = CLOCK_LEAD_MS,
      health = new StoreHealthRecord(),
    }: EventStoreDbEventStoreOptions,
  ) {
    this.epoch = epoch;
    this.formerEpochs = formerEpochs;
    this.epochStart = epochStart;
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#clockLeadMs = clockLeadMs;
    this.#health = health;
    this.#writeCheck = new WriteCheck(client, health);
    this.#head = new LogHead(client);
    const snapshots = new StreamSnapshots(client, epoch);
    this.snapshots = {
      load: (stream) => this.#read(() => snapshots.load(stream)),
      save: (stream, snapshot) => this.#read(() => this.#write(snapshots.save(stream, snapshot))),
    };
    const owner = new StreamLogOwner(client, timeoutMs);
    this.owner = {
      load: () => this.#read(() => owner.load()),
      replace: (record, expected) => this.#read(() => this.#write(owner.replace(record, expected))),
    };
  }

  get health(): StoreHealth {
    return this.#health.health;
  }

  async append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<AppendResult> {
    this.#assertOpen();
    this.#assertWritable();
    if (events.length === 0) throw new RangeError('An append needs at least one event');
    const expected = expectedRevision === 'no_stream' ? 'no_stream' : BigInt(expectedRevision);
    try {
      const answer = this.#client.append(stream, expected, events.map(toRawNewEvent));
      const { revision, position: raw } = await this.#write(answer);
      const position = toPosition(raw);
      this.#head.advance(position);
      this.#writeCheck.succeeded();
      return { revision: Number(revision), position };
    } catch (error) {
      this.#writeCheck.failed(error);
      throw toAppendError(error, stream, expectedRevision);
    }
  }

  readStream(stream: string, options: ReadStreamOptions = {}): AsyncIterable<RecordedEvent> {
    return this.#iterate(() => readStream(this.#client, stream, options, this.#clockLeadMs));
  }

  readAll(options: ReadAllOptions = {}): AsyncIterable<RecordedEvent> {
    return this.#iterate(async () =>
      readAll(
        this.#client,
        options,
        await this.#head.find(),
        this.#closing.signal,
        this.#clockLeadMs,
      ),
    );
  }

  subscribe({
    after = null,
    types,
    signal,
  }: SubscribeOptions = {}): AsyncIterable<SubscriptionMessage> {
    const left = new AbortController();
    const signals = [left.signal, this.#closing.signal, ...(signal === undefined ? [] : [signal])];
    const clockLeadMs = this.#clockLeadMs;
    const options = { after, types, signal: AbortSignal.any(signals), clockLeadMs };
    return new MessageIterator(
      this.#iterate(() => this.#deliver(options)),
      () => left.abort(),
    );
  }

  head(): Promise<Position | null> {
    return this.#read(() => this.#head.find());
  }

  eventIdAt(position: Position): Promise<string | null> {
    return this.#read(() => eventIdAt(this.#client, position));
  }

  isCurrent(): Promise<boolean> {
    return this.#read(async () => (await readEpochs(this.#client))?.epoch === this.epoch);
  }

  renewEpoch(former: string): Promise<void> {
    return this.#read(async () => {
      const head = await this.#head.find();
      await this.#write(renewEpoch(this.#client, former, head));
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  /** Reads to the end of the log, then subscribes. With a filter it only subscribes: the server cannot filter reads. */
  async *#deliver(options: FollowOptions): AsyncGenerator<readonly SubscriptionMessage[], void> {
    let { after } = options;
    if (options.types === undefined) {
      for await (const events of readAhead(
        this.#client,
        after,
        options.signal,
        this.#clockLeadMs,
      )) {
        yield events.map((event) => ({ kind: 'event', event }));
        after = events.at(-1)?.position ?? after;
      }
    }
    for await (const message of follow(this.#client, { ...options, after })) yield [message];
  }

  async #shutDown(): Promise<void> {
    this.#closing.abort();
    this.#writeCheck.close();
    await Promise.allSettled(this.#writes);
    await this.#client.dispose();
  }

  /** Adds a timeout: the client's own deadline is a time of day, and does not always end the call. */
  async #write<T>(request: Promise<T>): Promise<T> {
    const answer = withTimeout(
      this.#timeoutMs,
      request,
      () => new LogClientError('no_answer', `No answer in ${this.#timeoutMs} ms`),
    );
    this.#writes.add(answer);
    try {
      return await answer;
    } finally {
      this.#writes.delete(answer);
    }
  }

  async #read<T>(request: () => Promise<T>): Promise<T> {
    this.#assertOpen();
    try {
      return await request();
    } catch (error) {
      throw toReadError(error);
    }
  }

  async *#iterate<T>(
    start: () => AsyncIterable<T> | Promise<AsyncIterable<T>>,
  ): AsyncGenerator<T, void> {
    this.#assertOpen();
    try {
      yield* await start();
    } catch (error) {
      throw toReadError(error);
    }
  }

  #assertWritable(): void {
    const { writeFault } = this.#health;
    if (writeFault !== null) throw new EventStoreUnwritableError(writeFault);
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new EventStoreUnavailableError('The store is closed');
  }
}
