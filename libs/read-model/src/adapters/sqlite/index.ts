import { manage, type ManagedProjection, type ProjectionVersions } from '#projections';
import { ProjectionRegistry } from '#projections/adapters/sqlite/projection-registry';
import { SqliteVersions } from '#projections/adapters/sqlite/sqlite-versions';
import { usersProjection } from '../../users/users-projection.ts';
import type { UsersReadModel } from '../../users/users-read-model.ts';
import type { UsersState } from '../../users/users-state.ts';
import { USERS_SCHEMA } from './schema.ts';
import { SqliteUsersReadModel } from './sqlite-users-read-model.ts';
import { UsersTables } from './users-tables.ts';

/** The read model in SQLite files: what reads it, and the versions that runners and rebuilds work on. */
export interface SqliteReadModel {
  readonly users: UsersReadModel;
  readonly usersVersions: ProjectionVersions<UsersState>;
  /** Every projection, for operators. */
  readonly projections: readonly ManagedProjection[];
  close(): void;
}

/**
 * Opens the read model of the event store named by `epoch`, making what is missing.
 *
 * @throws ForeignReadModelError when the file belongs to another event store
 */
export function openSqliteReadModel(path: string, epoch: string): SqliteReadModel {
  const registry = new ProjectionRegistry(path, epoch);
  const users = new SqliteVersions<UsersState>(registry, {
    name: usersProjection.name,
    schema: USERS_SCHEMA,
    tables: (db) => new UsersTables(db),
  });
  return {
    users: new SqliteUsersReadModel(users),
    usersVersions: users,
    projections: [manage(usersProjection, users)],
    close: () => {
      users.close();
      registry.close();
    },
  };
}
