import { migrate, openDatabase, type Database } from '#postgres';
import { BY_INDEX } from '#read-model/adapters/postgres/users/postgres-users-read-model';
import { openPostgresReadModel } from '#read-model/adapters/postgres/index';
import type { PostgresServer } from '../../support/postgres.ts';
import type { OpenedReadModel } from './opened.ts';

/** Opens read models in one database, one after another. Each is empty: it belongs to a new epoch of the log. */
export class ReadModelsInPostgres {
  readonly #database: Database;
  readonly #epochs: string[] = [];

  private constructor(database: Database) {
    this.#database = database;
  }

  static async create(server: PostgresServer): Promise<ReadModelsInPostgres> {
    const url = await server.createDatabase();
    await migrate(url);
    return new ReadModelsInPostgres(openDatabase({ url, name: 'tests' }));
  }

  async open(): Promise<OpenedReadModel> {
    const epoch = `epoch ${this.#epochs.length}`;
    const readModel = await openPostgresReadModel(this.#database, epoch, this.#epochs);
    this.#epochs.push(epoch);
    return { readModel, close: async () => undefined };
  }

  /** Opens the read model that was opened last as the next process does; with tables of another number if given. */
  async openAgain(tables?: number): Promise<OpenedReadModel> {
    if (tables !== undefined) {
      await this.#database.write('UPDATE reachability.read_model SET tables = $1', [tables]);
    }
    const epoch = this.#epochs.at(-1) ?? '';
    const readModel = await openPostgresReadModel(this.#database, epoch, this.#epochs.slice(0, -1));
    return { readModel, close: async () => undefined };
  }

  /** The plan of a statement, as PostgreSQL explains it after running it. */
  async explain(statement: string, values: readonly (string | number)[]): Promise<string> {
    const rows = await this.#database.transaction(
      'snapshot',
      (queries) => queries.query(`EXPLAIN (ANALYZE, COSTS off, TIMING off) ${statement}`, values),
      BY_INDEX,
    );
    return rows.map((row) => String(row['QUERY PLAN'])).join('\n');
  }

  /** Lets the planner know the sizes of the tables. */
  async analyze(): Promise<void> {
    await this.#database.write('ANALYZE');
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
