import { DatabaseSync } from 'node:sqlite';
import type { RecordedEvent } from '../../envelope.ts';
import { EventStoreUnavailableError } from '../../errors.ts';
import type {
  EpochStart,
  EventLog,
  ReadAllOptions,
  ReadStreamOptions,
  SubscribeOptions,
  SubscriptionMessage,
} from '../../event-store.ts';
import type { Position } from '../../position.ts';
import { onAppend } from './append-notifier.ts';
import { readExistingEpochs, type Epochs } from './file-format.ts';
import { LogReader } from './log-reader.ts';
import { LogWatcher } from './log-watcher.ts';
import { BUSY_TIMEOUT_MS } from './open-lazily-synced.ts';
import { toPosition, toRow } from './positions.ts';
import { readAll, readStream } from './read-log.ts';
import { reasonOf, UnsupportedFileError } from './sqlite-errors.ts';
import { Subscription } from './subscription.ts';

/**
 * Opens the log in an existing file for reading only, in another thread of a process that has the event store open.
 * Appends of that process are noticed at once, appends of other processes by polling.
 *
 * @throws UnsupportedFileError when the file is not an event store, or newer than this program
 * @throws EventStoreUnavailableError when it cannot be opened
 */
export function openSqliteEventLog({ path }: { readonly path: string }): EventLog {
  try {
    const epochs = readEpochs(path);
    const reader = new LogReader(path, BUSY_TIMEOUT_MS);
    const watcher = new LogWatcher(reader, (listener) => onAppend(path, listener));
    return new SqliteEventLog(epochs, reader, watcher);
  } catch (error) {
    if (error instanceof UnsupportedFileError) throw error;
    throw new EventStoreUnavailableError(`Cannot open ${path}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function readEpochs(path: string): Epochs {
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    return readExistingEpochs(db);
  } finally {
    db.close();
  }
}

/** The log in a file, over one read-only connection that all readers and subscriptions of this thread share. */
export class SqliteEventLog implements EventLog {
  readonly epoch: string;
  readonly formerEpochs: readonly string[];
  readonly epochStart: EpochStart | null;
  readonly #reader: LogReader;
  readonly #watcher: LogWatcher;
  readonly #live = new Set<Subscription>();

  constructor({ epoch, formerEpochs, epochStart }: Epochs, reader: LogReader, watcher: LogWatcher) {
    this.epoch = epoch;
    this.formerEpochs = formerEpochs;
    this.epochStart = epochStart;
    this.#reader = reader;
    this.#watcher = watcher;
  }

  /** Call it when the log is known to reach `row`. */
  advance(row: number): void {
    this.#watcher.advance(row);
  }

  readStream(stream: string, options: ReadStreamOptions = {}): AsyncIterable<RecordedEvent> {
    return readStream(this.#reader, stream, options);
  }

  readAll(options: ReadAllOptions = {}): AsyncIterable<RecordedEvent> {
    return readAll(this.#reader, options);
  }

  subscribe(options: SubscribeOptions = {}): AsyncIterable<SubscriptionMessage> {
    const source = { reader: this.#reader, watcher: this.#watcher, live: this.#live };
    return new Subscription(source, options);
  }

  head(): Promise<Position | null> {
    return new Promise((resolve) => {
      const row = this.#reader.head();
      resolve(row === 0 ? null : toPosition(row));
    });
  }

  eventIdAt(position: Position): Promise<string | null> {
    return new Promise((resolve) => resolve(this.#reader.idAt(toRow(position))));
  }

  isCurrent(): Promise<boolean> {
    return new Promise((resolve) =>
      resolve(!this.#reader.isReplaced() && this.#reader.epoch() === this.epoch),
    );
  }

  async close(): Promise<void> {
    for (const subscription of this.#live) subscription.end();
    this.#reader.close();
  }
}
