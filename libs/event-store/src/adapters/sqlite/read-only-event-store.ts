import { DatabaseSync } from 'node:sqlite';
import { EventStoreUnavailableError, EventStoreUnwritableError } from '../../errors.ts';
import type { AppendResult, EventStore, StoredStream } from '../../event-store.ts';
import type { SnapshotStore } from '../../snapshot-store.ts';
import { StoreHealthRecord, type StoreHealth } from '../../store-health.ts';
import { readExistingEpochs, type Epochs } from './file-format.ts';
import { immutableLocation } from './immutable-location.ts';
import { loadStreams } from './load-streams.ts';
import { LogReader } from './log-reader.ts';
import { LogWatcher } from './log-watcher.ts';
import { reasonOf, UnsupportedFileError } from './sqlite-errors.ts';
import { SqliteEventLog } from './sqlite-event-log.ts';

/**
 * Opens the event store in a file to which nobody writes, in a directory that may be read-only. Appends are refused.
 *
 * @throws UnsupportedFileError when the file is not an event store, or newer than this program
 * @throws EventStoreUnavailableError when it cannot be opened, or lacks the events of a write-ahead log beside it
 */
export function openReadOnlyEventStore(path: string): EventStore {
  const location = immutableLocation(path);
  try {
    const db = new DatabaseSync(location, { readOnly: true });
    const epochs = readExistingEpochs(db);
    db.close();
    const health = new StoreHealthRecord();
    health.setWriteFault(WRITE_FAULT);
    return new ReadOnlyEventStore(epochs, new LogReader(path, 0, location, health), health);
  } catch (error) {
    if (error instanceof UnsupportedFileError) throw error;
    const message = `Cannot open ${path}: ${reasonOf(error)}`;
    throw new EventStoreUnavailableError(message, { cause: error });
  }
}

const WRITE_FAULT = 'the data directory is read-only';

class ReadOnlyEventStore extends SqliteEventLog implements EventStore {
  readonly snapshots: SnapshotStore;
  readonly #reader: LogReader;
  readonly #health: StoreHealthRecord;

  constructor(epochs: Epochs, reader: LogReader, health: StoreHealthRecord) {
    super(epochs, reader, new LogWatcher(reader));
    this.#reader = reader;
    this.#health = health;
    this.snapshots = {
      load: (stream) => new Promise((resolve) => resolve(reader.snapshot(stream))),
      save: () => this.#refuse(),
    };
  }

  get health(): StoreHealth {
    return this.#health.health;
  }

  append(): Promise<AppendResult> {
    return this.#refuse();
  }

  renewEpoch(): Promise<void> {
    return this.#refuse();
  }

  loadStreams(streams: readonly string[], snapshotVersion: number): Promise<StoredStream[]> {
    return loadStreams(this.#reader, streams, snapshotVersion);
  }

  #refuse(): Promise<never> {
    return Promise.reject(new EventStoreUnwritableError(WRITE_FAULT));
  }
}
