import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { Position } from '#event-store';
import { BUSY_TIMEOUT_MS } from '#event-store/adapters/sqlite/open-lazily-synced';
import type { ProjectionStore } from '../../projection-store.ts';
import type { ComparedRows, RowDifference, Verification } from '../../projection-versions.ts';
import { integer, text, textOrNull, type SqlRow } from '../columns.ts';
import { ENGINE_TABLES } from './version-file.ts';

/** A snapshot of a live version beside a scratch version that was rebuilt. */
export class SqliteVerification<State> implements Verification<State> {
  readonly store: ProjectionStore<State>;
  readonly position: Position | null;
  readonly deadLetters: number;
  readonly #live: DatabaseSync;
  readonly #rebuilt: DatabaseSync;
  readonly #remove: () => void;

  constructor(
    livePath: string,
    store: ProjectionStore<State>,
    rebuilt: DatabaseSync,
    remove: () => void,
  ) {
    this.store = store;
    this.#rebuilt = rebuilt;
    this.#remove = remove;
    this.#live = new DatabaseSync(livePath, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    this.#live.exec('BEGIN');
    const checkpoint = this.#live.prepare('SELECT position FROM checkpoint').get() ?? {};
    const counted =
      this.#live.prepare('SELECT count(*) AS dead_letters FROM held_events').get() ?? {};
    this.position = textOrNull(checkpoint, 'position');
    this.deadLetters = integer(counted, 'dead_letters');
  }

  *compare(): Generator<RowDifference, ComparedRows> {
    const hashes = { live: createHash('sha256'), rebuilt: createHash('sha256') };
    let rows = 0;
    for (const table of tablesOf(this.#rebuilt)) {
      const order = `SELECT * FROM "${table.name}" ORDER BY ${table.key}`;
      const live = this.#live.prepare(order).iterate();
      const rebuilt = this.#rebuilt.prepare(order).iterate();
      let a = nextRow(live, table, hashes.live);
      let b = nextRow(rebuilt, table, hashes.rebuilt);
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
        if (side !== 'rebuilt') a = nextRow(live, table, hashes.live);
        if (side !== 'live') b = nextRow(rebuilt, table, hashes.rebuilt);
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

/** The next row, added to the hash. Comparing keys as strings matches the order of SQLite, because keys are ASCII. */
function nextRow(
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
    const [actual, expected] = [live.values[column], rebuilt.values[column]];
    return actual === expected ? [] : [{ column, live: String(actual), rebuilt: String(expected) }];
  });
  return columns.length === 0 ? null : { table, key: live.key, kind: 'different', columns };
}
