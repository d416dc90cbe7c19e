import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { Position } from '#event-store';
import { BUSY_TIMEOUT_MS } from '#event-store/adapters/sqlite/open-lazily-synced';
import type { ProjectionStore } from '../../projection-store.ts';
import type { ComparedRows, RowDifference, Verification } from '../../projection-versions.ts';
import { integer, text, textOrNull, type SqlRow } from './columns.ts';
import { ENGINE_TABLES } from './version-file.ts';

/** A live version, frozen as it was at one moment, beside one rebuilt from nothing. */
export class SqliteVerification<State> implements Verification<State> {
  readonly rows: ProjectionStore<State>;
  readonly position: Position | null;
  readonly heldEvents: number;
  readonly #live: DatabaseSync;
  readonly #rebuilt: DatabaseSync;
  readonly #remove: () => void;

  constructor(
    livePath: string,
    rows: ProjectionStore<State>,
    rebuilt: DatabaseSync,
    remove: () => void,
  ) {
    this.rows = rows;
    this.#rebuilt = rebuilt;
    this.#remove = remove;
    this.#live = new DatabaseSync(livePath, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    this.#live.exec('BEGIN');
    const checkpoint = this.#live.prepare('SELECT position FROM checkpoint').get() ?? {};
    const held = this.#live.prepare('SELECT count(*) AS held FROM held_events').get() ?? {};
    this.position = textOrNull(checkpoint, 'position');
    this.heldEvents = integer(held, 'held');
  }

  *compare(): Generator<RowDifference, ComparedRows> {
    const hashes = { live: createHash('sha256'), rebuilt: createHash('sha256') };
    let rows = 0;
    for (const table of tablesOf(this.#rebuilt)) {
      const order = `SELECT * FROM "${table.name}" ORDER BY ${table.key}`;
      const live = this.#live.prepare(order).iterate();
      const rebuilt = this.#rebuilt.prepare(order).iterate();
      let a = take(live, table, hashes.live);
      let b = take(rebuilt, table, hashes.rebuilt);
      while (a !== null || b !== null) {
        rows += 1;
        const side =
          b === null || (a !== null && a.key < b.key)
            ? 'live'
            : a === null || b.key < a.key
              ? 'rebuilt'
              : 'both';
        const difference = differenceOf(table.name, side, a, b);
        if (difference !== null) yield difference;
        if (side !== 'rebuilt') a = take(live, table, hashes.live);
        if (side !== 'live') b = take(rebuilt, table, hashes.rebuilt);
      }
    }
    return { rows, liveHash: hashes.live.digest('hex'), rebuiltHash: hashes.rebuilt.digest('hex') };
  }

  close(): void {
    this.#live.close();
    this.#remove();
  }
}

interface Table {
  readonly name: string;
  readonly key: string;
}

interface Row {
  readonly key: string;
  readonly values: SqlRow;
}

function tablesOf(db: DatabaseSync): Table[] {
  const engine: readonly string[] = ENGINE_TABLES;
  const names = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .all()
    .map((row) => text(row, 'name'))
    .filter((name) => !engine.includes(name) && !name.startsWith('sqlite_'));
  return names.map((name) => {
    const columns = db
      .prepare('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk')
      .all(name)
      .map((row) => `"${text(row, 'name')}"`);
    return { name, key: columns.join(', ') };
  });
}

/** The next row. Keys compare as SQLite orders them: text by its UTF-8 bytes, which for sids is ASCII. */
function take(
  rows: Iterator<SqlRow>,
  table: Table,
  hash: ReturnType<typeof createHash>,
): Row | null {
  const next = rows.next();
  if (next.done === true) return null;
  const values = next.value;
  hash.update(JSON.stringify([table.name, values]));
  const key = table.key
    .split(', ')
    .map((column) => String(values[column.slice(1, -1)]))
    .join(' ');
  return { key, values };
}

function differenceOf(
  table: string,
  side: 'live' | 'rebuilt' | 'both',
  live: Row | null,
  rebuilt: Row | null,
): RowDifference | null {
  if (side === 'live' && live !== null)
    return { table, key: live.key, kind: 'surplus', columns: [] };
  if (side === 'rebuilt' && rebuilt !== null) {
    return { table, key: rebuilt.key, kind: 'missing', columns: [] };
  }
  if (live === null || rebuilt === null) return null;
  const columns = Object.keys(rebuilt.values).flatMap((column) => {
    const [is, should] = [live.values[column], rebuilt.values[column]];
    return is === should ? [] : [{ column, live: String(is), rebuilt: String(should) }];
  });
  return columns.length === 0 ? null : { table, key: live.key, kind: 'different', columns };
}
