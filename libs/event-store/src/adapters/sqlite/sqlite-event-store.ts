import { DatabaseSync } from 'node:sqlite';
import { CLOCK_LEAD_MS, markClockLead } from '../../clock-lead.ts';
import type { NewEvent, RecordedEvent } from '../../envelope.ts';
import {
  AppendOutcomeUnknownError,
  EventStoreUnavailableError,
  EventStoreUnwritableError,
  WrongExpectedRevisionError,
} from '../../errors.ts';
import type {
  AppendResult,
  EpochStart,
  EventStore,
  ExpectedRevision,
  ReadAllOptions,
  ReadStreamOptions,
  StoredStream,
  StreamAppend,
  SubscribeOptions,
  SubscriptionMessage,
} from '../../event-store.ts';
import type { Position } from '../../position.ts';
import type { Snapshot, SnapshotStore } from '../../snapshot-store.ts';
import { StoreHealthRecord, type StoreHealth } from '../../store-health.ts';
import { loadStreams } from './load-streams.ts';
import { renewEpoch } from './file-format.ts';
import { LogReader } from './log-reader.ts';
import { LogWatcher } from './log-watcher.ts';
import { BUSY_TIMEOUT_MS } from './open-lazily-synced.ts';
import { toPosition } from './positions.ts';
import type { Answer, AppendTuple, EventTuple, WriteRequest } from './protocol.ts';
import { reasonOf } from './sqlite-errors.ts';
import { SqliteEventLog } from './sqlite-event-log.ts';
import { Writer } from './writer.ts';

export interface SqliteEventStoreOptions {
  /** The file, created if it does not exist. Its directory must exist. */
  readonly path: string;
  /** Milliseconds to wait for another process's write lock before an append fails; 5,000 by default. */
  readonly busyTimeoutMs?: number;
  /** Milliseconds by which a writer's clock may be ahead of the store's; 60,000 by default. */
  readonly clockLeadMs?: number;
}

/**
 * Opens the event store in one SQLite file. Any number of processes on one machine may share the file.
 *
 * @throws UnsupportedFileError when the file is not an event store, or newer than this program
 * @throws EventStoreUnavailableError when it cannot be opened
 */
export async function openSqliteEventStore(options: SqliteEventStoreOptions): Promise<EventStore> {
  const { path, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
  const health = new StoreHealthRecord();
  const startWriter = () => new Writer(path, busyTimeoutMs, health);
  const writer = startWriter();
  const epochs = await writer.opened;
  if (epochs instanceof Error) throw epochs;
  try {
    const reader = new LogReader(path, busyTimeoutMs, path, health);
    const log = new SqliteEventLog(epochs, reader, new LogWatcher(reader));
    return new SqliteEventStore(options, log, reader, startWriter, writer, health);
  } catch (error) {
    await writer.close();
    throw new EventStoreUnavailableError(reasonOf(error), { cause: error });
  }
}

class SqliteEventStore implements EventStore {
  readonly epoch: string;
  readonly formerEpochs: readonly string[];
  readonly epochStart: EpochStart | null;
  readonly snapshots: SnapshotStore;
  readonly #options: SqliteEventStoreOptions;
  readonly #log: SqliteEventLog;
  readonly #reader: LogReader;
  readonly #startWriter: () => Writer;
  readonly #clockLeadMs: number;
  readonly #health: StoreHealthRecord;
  #writer: Writer;
  #closing: Promise<void> | null = null;

  constructor(
    options: SqliteEventStoreOptions,
    log: SqliteEventLog,
    reader: LogReader,
    startWriter: () => Writer,
    writer: Writer,
    health: StoreHealthRecord,
  ) {
    this.epoch = log.epoch;
    this.formerEpochs = log.formerEpochs;
    this.epochStart = log.epochStart;
    this.#options = options;
    this.#log = log;
    this.#reader = reader;
    this.#writer = writer;
    this.#startWriter = startWriter;
    this.#health = health;
    this.#clockLeadMs = options.clockLeadMs ?? CLOCK_LEAD_MS;
    this.snapshots = {
      load: (stream) => new Promise((resolve) => resolve(this.#reader.snapshot(stream))),
      save: (stream, snapshot) => this.#saveSnapshot(stream, snapshot),
    };
  }

  get health(): StoreHealth {
    return this.#health.health;
  }

  append(
    stream: string,
    expectedRevision: ExpectedRevision,
    events: readonly NewEvent[],
  ): Promise<AppendResult> {
    return this.appendMany([{ stream, expectedRevision, events }]);
  }

  async appendMany(appends: readonly StreamAppend[]): Promise<AppendResult> {
    if (appends.length === 0 || appends.some(({ events }) => events.length === 0)) {
      throw new RangeError('An append needs at least one event');
    }
    const answer = await this.#write(['append', ...this.#encode(appends)]);
    if (answer[0] === 'conflict') {
      const [, revision, index] = answer;
      const { stream = '', expectedRevision = 'no_stream' } = appends[index] ?? {};
      const actual = revision === -1 ? 'no_stream' : revision;
      throw new WrongExpectedRevisionError(stream, expectedRevision, actual);
    }
    if (answer[0] !== 'appended') throw this.#toError(answer);
    const [, revision, row] = answer;
    this.#log.advance(row);
    return { revision, position: toPosition(row) };
  }

  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<RecordedEvent> {
    return this.#log.readStream(stream, options);
  }

  loadStreams(streams: readonly string[], snapshotVersion: number): Promise<StoredStream[]> {
    return loadStreams(this.#reader, streams, snapshotVersion);
  }

  readAll(options?: ReadAllOptions): AsyncIterable<RecordedEvent> {
    return this.#log.readAll(options);
  }

  subscribe(options?: SubscribeOptions): AsyncIterable<SubscriptionMessage> {
    return this.#log.subscribe(options);
  }

  head(): Promise<Position | null> {
    return this.#log.head();
  }

  eventIdAt(position: Position): Promise<string | null> {
    return this.#log.eventIdAt(position);
  }

  isCurrent(): Promise<boolean> {
    return this.#log.isCurrent();
  }

  /** Opens a connection of its own and may block: call it before the process serves anything. */
  async renewEpoch(former: string): Promise<void> {
    const { path, busyTimeoutMs: timeout = BUSY_TIMEOUT_MS } = this.#options;
    try {
      const db = new DatabaseSync(path, { timeout });
      try {
        renewEpoch(db, former);
      } finally {
        db.close();
      }
    } catch (error) {
      throw new EventStoreUnavailableError(reasonOf(error), { cause: error });
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    // The writer's connection closes last, because the last one removes the write-ahead log, and a reader cannot.
    await this.#log.close();
    await this.#writer.close();
  }

  async #saveSnapshot(
    stream: string,
    { version, revision, position, state }: Snapshot,
  ): Promise<void> {
    const json = JSON.stringify(state);
    const answer = await this.#write(['snapshot', stream, version, revision, position, json]);
    if (answer[0] !== 'saved') throw this.#toError(answer);
  }

  /** Marks events whose writer's clock is ahead, as of the moment at which they are sent to the writer thread. */
  #encode(appends: readonly StreamAppend[]): AppendTuple[] {
    const now = this.#reader.now();
    const encode = ({ id, type, schemaVersion, data, metadata }: NewEvent): EventTuple => {
      const marked = markClockLead(metadata, now, this.#clockLeadMs);
      return [id, type, schemaVersion, JSON.stringify(data), JSON.stringify(marked)];
    };
    return appends.map(({ stream, expectedRevision, events }) => [
      stream,
      expectedRevision === 'no_stream' ? -1 : expectedRevision,
      events.map(encode),
    ]);
  }

  #write(request: WriteRequest): Promise<Answer> {
    if (this.#closing !== null) throw new EventStoreUnavailableError('The event store is closed');
    if (this.#writer.hasEnded) this.#writer = this.#startWriter();
    return this.#writer.send(request);
  }

  #toError([kind, reason]: Answer): Error {
    if (kind === 'unknown') return new AppendOutcomeUnknownError(reason);
    if (kind === 'unwritable') {
      return new EventStoreUnwritableError(`Cannot write ${this.#options.path}: ${reason}`);
    }
    if (kind === 'refused') return new EventStoreUnavailableError(reason);
    return new Error(`The writer thread answered ${kind}`);
  }
}
