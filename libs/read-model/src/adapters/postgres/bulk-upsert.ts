import type { Parameter, Queries } from '#postgres';

type Value = string | number | boolean | null;

/** A column and the type of its values. */
export type Column = readonly [name: string, type: 'text' | 'bigint' | 'boolean'];

/** Rows of one statement: enough that its overhead does not count, few enough that none takes long. */
const ROWS = 1_000;

/** Writes rows with few statements: one array per column. */
export class BulkUpsert {
  readonly #columns: readonly Column[];
  readonly #insert: string;
  readonly #onConflict: string;

  /** @param key columns of the primary key; a row with the same key is replaced. Empty for rows that are only added. */
  constructor(columns: readonly Column[], key: readonly string[]) {
    this.#columns = columns;
    const names = columns.map(([name]) => name);
    const arrays = columns.map(([, type], index) => `$${index + 1}::${type}[]`);
    this.#insert = `(${names.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})`;
    const others = names.filter((name) => !key.includes(name));
    const set = others.map((name) => `${name} = excluded.${name}`).join(', ');
    const [before, after] = ['stored', 'excluded'].map((row) =>
      others.map((name) => `${row}.${name}`).join(', '),
    );
    // A row that is written again as it is would leave a dead one behind.
    this.#onConflict =
      key.length === 0
        ? ''
        : `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${set}
           WHERE (${before}) IS DISTINCT FROM (${after})`;
  }

  /** @param rows values in order of the columns; no key occurs twice */
  async write(queries: Queries, table: string, rows: readonly (readonly Value[])[]): Promise<void> {
    for (let from = 0; from < rows.length; from += ROWS) {
      const part = rows.slice(from, from + ROWS);
      const values: Parameter[] = this.#columns.map((_, index) =>
        part.map((row) => row[index] ?? null),
      );
      await queries.write(
        `INSERT INTO ${table} AS stored ${this.#insert} ${this.#onConflict}`,
        values,
      );
    }
  }
}
