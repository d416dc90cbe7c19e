import { ProjectionDatabase } from '#projections/adapters/sqlite/projection-database';
import { SqliteProjectionStore } from '#projections/adapters/sqlite/sqlite-projection-store';
import type { ProjectionStore } from '#projections';
import { usersProjection } from '../../users/users-projection.ts';
import type { UsersReadModel } from '../../users/users-read-model.ts';
import type { UsersState } from '../../users/users-state.ts';
import { createTables } from './schema.ts';
import { SqliteUsersReadModel } from './sqlite-users-read-model.ts';
import { UsersTables } from './users-tables.ts';

/** The read model in one SQLite file. */
export interface SqliteReadModel {
  readonly users: UsersReadModel;
  /** Where a runner writes the live version of the `users` projection. */
  readonly usersRows: ProjectionStore<UsersState>;
  close(): void;
}

/**
 * Opens the read model of the event store named by `epoch`, making what is missing.
 *
 * @throws ForeignReadModelError when the file belongs to another event store
 */
export function openSqliteReadModel(path: string, epoch: string): SqliteReadModel {
  const database = new ProjectionDatabase(path, epoch);
  const { name } = usersProjection;
  database.ensureLive(name, (version) => database.db.exec(createTables(version)));
  const version = database.liveVersion(name);
  return {
    users: new SqliteUsersReadModel(database),
    usersRows: new SqliteProjectionStore(
      database,
      name,
      version,
      new UsersTables(database.db, version),
    ),
    close: () => database.close(),
  };
}
