import { DatabaseSync } from 'node:sqlite';
import type { RecordedEvent } from '../../envelope.ts';
import { EventStoreUnavailableError } from '../../errors.ts';
import type {
  EventLog,
  ReadAllOptions,
  ReadStreamOptions,
  SubscribeOptions,
  SubscriptionMessage,
} from '../../event-store.ts';
import type { Position } from '../../position.ts';
import { hearAppends } from './append-bell.ts';
import { epochOf } from './file-format.ts';
import { LogReader } from './log-reader.ts';
import { LogWatcher } from './log-watcher.ts';
import { BUSY_TIMEOUT_MS } from './open-lazily-synced.ts';
import { toPosition } from './positions.ts';
import { readAll, readStream } from './read-log.ts';
import { reasonOf } from './sqlite-errors.ts';
import { Subscription } from './subscription.ts';
import { UnsupportedFileError } from './unsupported-file-error.ts';

/**
 * Opens the log in an existing file without being able to write it: for another thread of a process that has the
 * event store open. What that process appends is heard of at once, what others append as in the event store.
 *
 * @throws UnsupportedFileError when the file is something else, or newer than this program
 * @throws EventStoreUnavailableError when it cannot be opened
 */
export function openSqliteEventLog({ path }: { readonly path: string }): EventLog {
  try {
    const epoch = readEpoch(path);
    const reader = new LogReader(path, BUSY_TIMEOUT_MS);
    const hear = (listener: (row: number) => void) => hearAppends(path, listener);
    return new SqliteEventLog(epoch, reader, new LogWatcher(reader, hear));
  } catch (error) {
    if (error instanceof UnsupportedFileError) throw error;
    throw new EventStoreUnavailableError(`Cannot open ${path}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function readEpoch(path: string): string {
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    return epochOf(db);
  } finally {
    db.close();
  }
}

/** What is read of the file: by one connection that cannot write, for all who follow the log in this thread. */
export class SqliteEventLog implements EventLog {
  readonly epoch: string;
  readonly #reader: LogReader;
  readonly #watcher: LogWatcher;
  readonly #live = new Set<Subscription>();

  constructor(epoch: string, reader: LogReader, watcher: LogWatcher) {
    this.epoch = epoch;
    this.#reader = reader;
    this.#watcher = watcher;
  }

  /** The log is known to reach `row`. */
  reaches(row: number): void {
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

  async close(): Promise<void> {
    for (const subscription of this.#live) subscription.end();
    this.#reader.close();
  }
}
