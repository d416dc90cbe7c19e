import { migrate, openDatabase, type Database } from '#postgres';
import { BY_INDEX } from '#read-model/adapters/postgres/users/postgres-users-read-model';
import type { ReadModel } from '#read-model';
import { PostgresRegistry } from '#projections/adapters/postgres/postgres-registry';
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

  /** Opens the read model that was opened last as a program with tables of another number does. */
  openWithTables(tables: number): Promise<PostgresRegistry> {
    const [epoch = '', formerEpochs] = [this.#epochs.at(-1), this.#epochs.slice(0, -1)];
    return PostgresRegistry.open(this.#database, { epoch, formerEpochs }, tables);
  }

  /** The numbers of the tables that the database has. */
  async tables(): Promise<unknown[]> {
    const rows = await this.#database.query(
      'SELECT tables FROM reachability.read_models ORDER BY tables',
    );
    return rows.map((row) => row['tables']);
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

  /** Opens the latest read model again, as another process would. */
  reopen(): Promise<ReadModel> {
    const former = this.#epochs.slice(0, -1);
    return openPostgresReadModel(this.#database, this.#epochs.at(-1) ?? '', former);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
