import { DatabaseSync } from 'node:sqlite';
import type { Position } from '#event-store';
import { BUSY_TIMEOUT_MS } from '#event-store/adapters/sqlite/open-lazily-synced';
import type { ProjectionStore } from '../../projection-store.ts';
import type { ComparedRows, RowDifference, Verification } from '../../projection-versions.ts';
import { integer, text, textOrNull } from '../columns.ts';
import { compareRows } from '../compare-rows.ts';
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

  compare(signal?: AbortSignal): AsyncGenerator<RowDifference, ComparedRows> {
    const tables = tablesOf(this.#rebuilt).map(({ name, key }) => {
      const order = `SELECT * FROM "${name}" ORDER BY ${key.map((one) => `"${one}"`).join(', ')}`;
      const live = this.#live.prepare(order).iterate();
      return { name, key, live, rebuilt: this.#rebuilt.prepare(order).iterate() };
    });
    return compareRows(tables, signal);
  }

  async close(): Promise<void> {
    this.#live.close();
    this.#remove();
  }
}

interface Table {
  readonly name: string;
  readonly key: readonly string[];
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
      .all(name);
    return { name, key: columns.map((row) => text(row, 'name')) };
  });
}
