/** Tables of the `users` projection. Positions and identities sort as bytes, whatever the collation of the database. */
export const USERS_TABLES = [
  'services',
  'users',
  'connections',
  'bindings',
  'nodes',
  'api_keys',
] as const;

/** Returns the statements that create the tables in a schema. Rows of Users leave room, because they change often. */
export function createUsersTables(schema: string): readonly string[] {
  return [
    `CREATE TABLE ${schema}.services (
       sid text COLLATE "C" PRIMARY KEY,
       settings text NOT NULL,
       reachability_enabled boolean NOT NULL,
       flag_position text COLLATE "C",
       flag_changed_at text,
       created_at text NOT NULL,
       created_position text COLLATE "C" NOT NULL,
       updated_at text NOT NULL,
       deleted boolean NOT NULL
     )`,
    `CREATE TABLE ${schema}.users (
       sid text COLLATE "C" PRIMARY KEY,
       service_sid text COLLATE "C" NOT NULL,
       identity text COLLATE "C" NOT NULL,
       created_position text COLLATE "C" NOT NULL,
       friendly_name text,
       attributes text NOT NULL,
       role_sid text,
       created_at text NOT NULL,
       updated_at text NOT NULL,
       changed_position text COLLATE "C" NOT NULL,
       last_connect_position text COLLATE "C",
       answered_since text,
       online_changed_at text,
       last_online_at text,
       open_connections bigint NOT NULL,
       connections bigint NOT NULL,
       bindings bigint NOT NULL,
       answer_flag text COLLATE "C" NOT NULL,
       answer_state bigint NOT NULL
     ) WITH (fillfactor = 80)`,
    `CREATE TABLE ${schema}.connections (
       sid text COLLATE "C" NOT NULL,
       user_sid text COLLATE "C" NOT NULL,
       service_sid text COLLATE "C" NOT NULL,
       transport text NOT NULL,
       node_id text COLLATE "C",
       incarnation bigint,
       device_id text,
       ttl_seconds bigint,
       opened_at text NOT NULL,
       opened_position text COLLATE "C" NOT NULL,
       counted boolean NOT NULL,
       PRIMARY KEY (user_sid, sid)
     )`,
    `CREATE TABLE ${schema}.bindings (
       sid text COLLATE "C" NOT NULL,
       user_sid text COLLATE "C" NOT NULL,
       service_sid text COLLATE "C" NOT NULL,
       binding_type text NOT NULL,
       address text NOT NULL,
       endpoint text NOT NULL,
       created_at text NOT NULL,
       created_position text COLLATE "C" NOT NULL,
       updated_at text NOT NULL,
       PRIMARY KEY (user_sid, sid)
     )`,
    `CREATE TABLE ${schema}.nodes (
       node_id text COLLATE "C" PRIMARY KEY,
       incarnation bigint NOT NULL,
       running boolean NOT NULL
     )`,
    `CREATE TABLE ${schema}.api_keys (
       sid text COLLATE "C" PRIMARY KEY,
       friendly_name text NOT NULL,
       scopes text NOT NULL,
       services text,
       expires_at text,
       secret_id text NOT NULL,
       previous_secret_id text,
       previous_valid_until text,
       created_at text NOT NULL,
       created_position text COLLATE "C" NOT NULL,
       updated_at text NOT NULL,
       revoked boolean NOT NULL
     )`,
  ];
}

/** Returns the statements for the indexes that only reads need. A rebuild is faster when it creates them at the end. */
export function createUsersIndexes(schema: string): readonly string[] {
  const index = (name: string, on: string): string =>
    `CREATE INDEX IF NOT EXISTS ${name} ON ${schema}.${on}`;
  return [
    index('services_by_created', 'services (created_position)'),
    index('deleted_services', 'services (sid) WHERE deleted'),
    index('users_by_service_and_created', 'users (service_sid, created_position)'),
    index('users_by_identity', 'users (service_sid, identity)'),
    index('users_by_changed_position', 'users (service_sid, changed_position)'),
    index('users_by_answer', 'users (service_sid, answer_flag, answer_state, created_position)'),
    index('connections_by_sid', 'connections (sid)'),
    index('connections_by_node_and_user', 'connections (node_id, incarnation, user_sid, sid)'),
    index('connections_without_node', 'connections (sid) WHERE node_id IS NULL'),
    index('bindings_by_sid', 'bindings (sid)'),
    index('bindings_by_service_and_created', 'bindings (service_sid, created_position)'),
  ];
}
