import { migrate, openDatabase, type Database } from '#postgres';
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

  close(): Promise<void> {
    return this.#database.close();
  }
}
