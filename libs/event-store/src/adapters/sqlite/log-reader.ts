import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import type { EventMetadata, RecordedEvent } from '../../envelope.ts';
import { EventStoreUnavailableError, UnreadableEventError, type EventPlace } from '../../errors.ts';
import type { Snapshot } from '../../snapshot-store.ts';
import { toPosition } from './positions.ts';
import { reasonOf } from './sqlite-errors.ts';

/** An event as the file holds it. */
export type EventRow = Record<string, SQLOutputValue>;

/**
 * Short reads on a connection that cannot write. Each is one statement read to its end, so that none ever keeps
 * an old state of the file from being folded back.
 */
export class LogReader {
  readonly #db: DatabaseSync;
  readonly #head: StatementSync;
  readonly #range: StatementSync;
  readonly #rangeOfTypes: StatementSync;
  readonly #stream: StatementSync;
  readonly #snapshot: StatementSync;

  constructor(path: string, busyTimeoutMs: number) {
    this.#db = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
    this.#head = this.#db.prepare('SELECT max(position) AS position FROM events');
    this.#range = this.#db.prepare(
      'SELECT * FROM events WHERE position > ? AND position <= ? ORDER BY position',
    );
    this.#rangeOfTypes = this.#db.prepare(
      `SELECT * FROM events WHERE position > ? AND position <= ?
       AND type IN (SELECT value FROM json_each(?)) ORDER BY position`,
    );
    this.#stream = this.#db.prepare(
      'SELECT * FROM events WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?',
    );
    this.#snapshot = this.#db.prepare(
      'SELECT version, revision, position, state FROM snapshots WHERE stream = ?',
    );
  }

  /** Row number of the last event, 0 while there is none. */
  head(): number {
    return this.#read(() => Number(this.#head.get()?.['position'] ?? 0));
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

  snapshot(stream: string): Snapshot | null {
    const row = this.#read(() => this.#snapshot.get(stream));
    if (row === undefined) return null;
    return {
      version: Number(row['version']),
      revision: Number(row['revision']),
      position: String(row['position']),
      state: JSON.parse(String(row['state'])),
    };
  }

  close(): void {
    this.#db.close();
  }

  #read<T>(query: () => T): T {
    if (!this.#db.isOpen) throw new EventStoreUnavailableError('The event store is closed');
    try {
      return query();
    } catch (error) {
      throw new EventStoreUnavailableError(reasonOf(error), { cause: error });
    }
  }
}

/** @throws UnreadableEventError where something else than this program has written to the file */
export function toRecordedEvent(row: EventRow): RecordedEvent {
  const place: EventPlace = {
    stream: String(row['stream']),
    revision: Number(row['revision']),
    position: toPosition(Number(row['position'])),
    type: String(row['type']),
  };
  return {
    ...place,
    id: String(row['id']),
    schemaVersion: Number(row['schema_version']),
    data: parseObject(place, 'data', row['data']),
    metadata: parseObject(place, 'metadata', row['metadata']) as EventMetadata,
  };
}

function parseObject(place: EventPlace, column: string, json: SQLOutputValue | undefined): object {
  let value: unknown;
  try {
    value = JSON.parse(String(json));
  } catch (error) {
    throw new UnreadableEventError(place, `${column} that is not JSON`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new UnreadableEventError(place, `${column} that is no object`);
}
