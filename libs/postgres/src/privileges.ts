import type { Database, Queries } from './database.ts';

/** The roles among which the privileges are divided. An installation may have any of them, or none. */
export const ROLES = {
  api: 'reachability_api',
  worker: 'reachability_worker',
  read: 'reachability_read',
} as const;

const ROLE_NAMES = ['api', 'worker', 'read'] as const;
type RoleName = (typeof ROLE_NAMES)[number];
type TablePrivileges = Readonly<Partial<Record<RoleName, string>>>;

const ALL = 'SELECT, INSERT, UPDATE, DELETE';
const READ = 'SELECT';
const REGISTRY = { api: READ, worker: ALL, read: READ } as const;

/**
 * What each role may do with each table of the schema `reachability`. Secrets, and answers that may contain them, are for
 * the api alone. Projections are the worker's.
 */
export const TABLE_PRIVILEGES: Readonly<Record<string, TablePrivileges>> = {
  migrations: { api: READ, worker: READ, read: READ },
  node_leases: { api: ALL, worker: 'SELECT, DELETE', read: READ },
  ttls: { api: ALL, worker: ALL, read: READ },
  // A lock of a row needs UPDATE.
  idempotency_records: { api: 'SELECT, INSERT, UPDATE', worker: 'SELECT, UPDATE, DELETE' },
  api_key_secrets: { api: 'SELECT, INSERT, DELETE' },
  api_key_uses: { api: 'SELECT, INSERT, UPDATE', read: READ },
  // The api queues jobs and cancels them; the worker carries them out.
  projection_jobs: { api: 'SELECT, INSERT, UPDATE', worker: ALL, read: READ },
  webhook_cursor: REGISTRY,
  webhook_users: { worker: ALL },
  webhook_targets: { worker: ALL },
  // An operator may retry deliveries over the api.
  webhook_deliveries: { api: 'SELECT, UPDATE', worker: ALL, read: READ },
  read_model: REGISTRY,
  projections: REGISTRY,
  projection_versions: REGISTRY,
  skipped_events: REGISTRY,
  read_models: REGISTRY,
  read_model_versions: REGISTRY,
  oldest_program: { api: READ, worker: READ, read: READ },
};

/** Names the lock of the privileges among the advisory locks of the database. */
const PRIVILEGES = 5_150_103;

/**
 * Gives each role that exists exactly its privileges, as the owner of the schema, and returns those roles. Processes that
 * run meanwhile see the privileges from before or from after.
 *
 * @throws DatabasePermissionError for another role than the owner
 */
export function grantPrivileges(database: Database): Promise<string[]> {
  return database.transaction('long write', async (queries) => {
    await queries.query('SELECT pg_advisory_xact_lock($1)', [PRIVILEGES]);
    const existing = await existingRoles(queries, Object.values(ROLES));
    for (const name of ROLE_NAMES) {
      const role = ROLES[name];
      if (!existing.includes(role)) continue;
      await queries.write(`REVOKE ALL ON ALL TABLES IN SCHEMA reachability FROM ${role}`);
      await queries.write(`GRANT USAGE ON SCHEMA reachability TO ${role}`);
      for (const [table, { [name]: privileges }] of Object.entries(TABLE_PRIVILEGES)) {
        if (privileges === undefined) continue;
        await queries.write(`GRANT ${privileges} ON reachability.${table} TO ${role}`);
      }
    }
    return existing;
  });
}

/** Lets those roles that only read projections use a schema that this role has made. */
export async function letUseSchema(queries: Queries, schema: string): Promise<void> {
  for (const role of await readers(queries)) {
    await queries.write(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
  }
}

/** Lets those roles that only read projections read everything in a schema that this role has made. */
export async function letReadSchema(queries: Queries, schema: string): Promise<void> {
  await letUseSchema(queries, schema);
  for (const role of await readers(queries)) {
    await queries.write(`GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role}`);
  }
}

/** Lets those roles that only read projections read views that this role has made. */
export async function letReadViews(queries: Queries, views: readonly string[]): Promise<void> {
  for (const role of await readers(queries)) {
    await queries.write(`GRANT SELECT ON ${views.join(', ')} TO ${role}`);
  }
}

function readers(queries: Queries): Promise<string[]> {
  return existingRoles(queries, [ROLES.api, ROLES.read]);
}

async function existingRoles(queries: Queries, names: readonly string[]): Promise<string[]> {
  const rows = await queries.query(
    'SELECT rolname::text AS name FROM pg_roles WHERE rolname = ANY ($1::text[]) ORDER BY 1',
    [names],
  );
  return rows.map((row) => String(row['name']));
}
