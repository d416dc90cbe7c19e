import { statSync } from 'node:fs';
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import type { EventMetadata, RecordedEvent } from '../../envelope.ts';
import {
  EventStoreUnavailableError,
  UnreadableEventError,
  type EventLocation,
} from '../../errors.ts';
import type { Snapshot } from '../../snapshot-store.ts';
import { StoreHealthRecord } from '../../store-health.ts';
import { toPosition } from './positions.ts';
import { reasonOf } from './sqlite-errors.ts';

/**
 * A row of the events table, by column number. It is an array, which is read a third faster than an object; a Node
 * version that cannot return arrays gives an object with the same keys.
 */
export type EventRow = Record<number, SQLOutputValue>;

const COLUMNS = [
  'position',
  'stream',
  'revision',
  'id',
  'type',
  'schema_version',
  'data',
  'metadata',
] as const;
const SELECT = `SELECT ${COLUMNS.map((name, index) => `e.${name} AS "${index}"`).join(', ')}`;
const [POSITION, STREAM, REVISION, ID, TYPE, SCHEMA_VERSION, DATA, METADATA] = [
  0, 1, 2, 3, 4, 5, 6, 7,
] as const;

/**
 * Reads the log over a read-only connection. Each read is one statement run to its end, so that no open read keeps
 * the write-ahead log from being checkpointed.
 */
export class LogReader {
  readonly #db: DatabaseSync;
  readonly #head: StatementSync;
  readonly #now: StatementSync;
  readonly #range: StatementSync;
  readonly #rangeOfTypes: StatementSync;
  readonly #stream: StatementSync;
  readonly #streamBackwards: StatementSync;
  readonly #snapshot: StatementSync;
  readonly #streamsAfter: StatementSync;
  readonly #snapshots: StatementSync;
  readonly #idAt: StatementSync;
  readonly #epoch: StatementSync;
  readonly #path: string;
  readonly #health: StoreHealthRecord;
  /** Identifies the open file, whatever its path names later. */
  readonly #inode: bigint | undefined;

  /**
   * @param location of the file for SQLite, where that is more than its path
   * @param health records how reads end
   */
  constructor(
    path: string,
    busyTimeoutMs: number,
    location: string | URL = path,
    health = new StoreHealthRecord(),
  ) {
    this.#path = path;
    this.#health = health;
    this.#inode = inodeOf(path);
    this.#db = new DatabaseSync(location, { readOnly: true, timeout: busyTimeoutMs });
    this.#head = this.#db.prepare('SELECT max(position) AS position FROM events');
    this.#now = this.#db.prepare("SELECT unixepoch('subsec') * 1000 AS now");
    this.#range = this.#prepareEvents(
      'events e WHERE position > ? AND position <= ? ORDER BY position',
    );
    this.#rangeOfTypes = this.#prepareEvents(
      `events e WHERE position > ? AND position <= ?
       AND type IN (SELECT value FROM json_each(?)) ORDER BY position`,
    );
    this.#stream = this.#prepareEvents(
      'events e WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?',
    );
    this.#streamBackwards = this.#prepareEvents(
      'events e WHERE stream = ? AND revision <= ? ORDER BY revision DESC LIMIT ?',
    );
    this.#snapshot = this.#db.prepare(
      'SELECT version, revision, position, state FROM snapshots WHERE stream = ?',
    );
    // A cross join is carried out as written: a look-up for each that is asked for.
    this.#streamsAfter = this.#prepareEvents(
      `json_each(?) asked CROSS JOIN events e
       WHERE e.stream = asked.value ->> 0 AND e.revision > asked.value ->> 1
       AND e.revision <= (asked.value ->> 1) + ?
       ORDER BY e.stream, e.revision`,
    );
    this.#snapshots = this.#db.prepare(
      `SELECT s.* FROM json_each(?) asked CROSS JOIN snapshots s
       WHERE s.stream = asked.value AND s.version = ?`,
    );
    this.#idAt = this.#db.prepare('SELECT id FROM events WHERE position = ?');
    this.#epoch = this.#db.prepare('SELECT epoch FROM meta');
  }

  epoch(): string {
    return this.#read(() => String(this.#epoch.get()?.['epoch']));
  }

  /** Whether the path names another file than the one that is open. A file that was only removed is not replaced. */
  isReplaced(): boolean {
    const inode = inodeOf(this.#path);
    return inode !== undefined && inode !== this.#inode;
  }

  /** Id of the event in a row; null if there is no such row. */
  idAt(row: number): string | null {
    const found = this.#read(() => this.#idAt.get(row));
    return found === undefined ? null : String(found['id']);
  }

  /** Row number of the last event, 0 while there is none. */
  head(): number {
    return this.#read(() => Number(this.#head.get()?.['position'] ?? 0));
  }

  /**
   * The store's clock, in milliseconds since 1970. It is SQLite's, so that it is the machine's even where the clock of
   * this program is another.
   */
  now(): number {
    return this.#read(() => Math.trunc(Number(this.#now.get()?.['now'])));
  }

  /** Events after one row up to and including another, of all types or of those in a JSON array. */
  range(after: number, upTo: number, types: string | null): EventRow[] {
    return this.#read(() =>
      types === null ? this.#range.all(after, upTo) : this.#rangeOfTypes.all(after, upTo, types),
    );
  }

  stream(stream: string, from: number, limit: number): EventRow[] {
    return this.#read(() => this.#stream.all(stream, from, limit));
  }

  /** Events of a stream from a revision downwards. */
  streamBackwards(stream: string, from: number, limit: number): EventRow[] {
    return this.#read(() => this.#streamBackwards.all(stream, from, limit));
  }

  snapshot(stream: string): Snapshot | null {
    const row = this.#read(() => this.#snapshot.get(stream));
    return row === undefined ? null : toSnapshot(row);
  }

  /** Events of several streams, up to a number of each after a revision, grouped by stream and in order. */
  streamsAfter(
    streams: readonly (readonly [stream: string, after: number])[],
    limit: number,
  ): EventRow[] {
    return this.#read(() => this.#streamsAfter.all(JSON.stringify(streams), limit));
  }

  /** Snapshots of one version, by stream. */
  snapshots(streams: readonly string[], version: number): Map<string, Snapshot> {
    const rows = this.#read(() => this.#snapshots.all(JSON.stringify(streams), version));
    return new Map(rows.map((row) => [String(row['stream']), toSnapshot(row)]));
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #prepareEvents(from: string): StatementSync {
    const statement = this.#db.prepare(`${SELECT} FROM ${from}`);
    if ('setReturnArrays' in statement) statement.setReturnArrays(true);
    return statement;
  }

  #read<T>(query: () => T): T {
    if (!this.#db.isOpen) throw new EventStoreUnavailableError('The event store is closed');
    try {
      const rows = query();
      this.#health.readSucceeded();
      return rows;
    } catch (error) {
      const reason = reasonOf(error);
      this.#health.setReadFault(reason);
      throw new EventStoreUnavailableError(reason, { cause: error });
    }
  }
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** Number of the row in the log. */
export function rowNumber(row: EventRow | undefined): number {
  return Number(row?.[POSITION] ?? 0);
}

export function revisionOf(row: EventRow | undefined): number {
  return Number(row?.[REVISION] ?? -1);
}

export function streamOf(row: EventRow): string {
  return String(row[STREAM]);
}

/** @throws UnreadableEventError when another program has written to the file */
export function toRecordedEvent(row: EventRow): RecordedEvent {
  return {
    stream: String(row[STREAM]),
    revision: Number(row[REVISION]),
    position: toPosition(Number(row[POSITION])),
    id: String(row[ID]),
    type: String(row[TYPE]),
    schemaVersion: Number(row[SCHEMA_VERSION]),
    data: parseObject(row, DATA),
    metadata: parseObject(row, METADATA) as EventMetadata,
  };
}

function toSnapshot(row: Record<string, SQLOutputValue>): Snapshot {
  return {
    version: Number(row['version']),
    revision: Number(row['revision']),
    position: String(row['position']),
    state: JSON.parse(String(row['state'])),
  };
}

function parseObject(row: EventRow, column: typeof DATA | typeof METADATA): object {
  let value: unknown;
  try {
    value = JSON.parse(String(row[column]));
  } catch (error) {
    throw unreadable(row, `${COLUMNS[column]} that is not JSON`, error);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw unreadable(row, `${COLUMNS[column]} that is not an object`);
}

function unreadable(row: EventRow, problem: string, cause?: unknown): UnreadableEventError {
  const location: EventLocation = {
    stream: String(row[STREAM]),
    revision: Number(row[REVISION]),
    position: toPosition(Number(row[POSITION])),
    type: String(row[TYPE]),
  };
  return new UnreadableEventError(location, problem, { cause });
}
