/**
 * Tables of the `users` projection. Connections and Bindings are stored in order of their User, because they are read
 * and written with it.
 */
export const USERS_SCHEMA = `
  CREATE TABLE services (
    sid TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    reachability_enabled INTEGER NOT NULL,
    flag_position TEXT,
    flag_changed_at TEXT,
    created_at TEXT NOT NULL,
    created_position TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE users (
    sid TEXT PRIMARY KEY,
    service_sid TEXT NOT NULL,
    identity TEXT NOT NULL,
    created_position TEXT NOT NULL,
    friendly_name TEXT,
    attributes TEXT NOT NULL,
    role_sid TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    changed_position TEXT NOT NULL,
    last_connect_position TEXT,
    answered_since TEXT,
    online_changed_at TEXT,
    last_online_at TEXT,
    open_connections INTEGER NOT NULL,
    connections INTEGER NOT NULL,
    bindings INTEGER NOT NULL,
    answer_flag TEXT NOT NULL,
    answer_state INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE connections (
    sid TEXT NOT NULL,
    user_sid TEXT NOT NULL,
    service_sid TEXT NOT NULL,
    transport TEXT NOT NULL,
    node_id TEXT,
    incarnation INTEGER,
    device_id TEXT,
    ttl_seconds INTEGER,
    opened_at TEXT NOT NULL,
    opened_position TEXT NOT NULL,
    counted INTEGER NOT NULL,
    PRIMARY KEY (user_sid, sid)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE bindings (
    sid TEXT NOT NULL,
    user_sid TEXT NOT NULL,
    service_sid TEXT NOT NULL,
    binding_type TEXT NOT NULL,
    address TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_position TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (user_sid, sid)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE nodes (
    node_id TEXT PRIMARY KEY,
    incarnation INTEGER NOT NULL,
    running INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** API keys. The file of a version that an older program made gets the table when it is opened. */
export const API_KEYS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS api_keys (
    sid TEXT PRIMARY KEY,
    friendly_name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    services TEXT,
    expires_at TEXT,
    secret_id TEXT NOT NULL,
    previous_secret_id TEXT,
    previous_valid_until TEXT,
    created_at TEXT NOT NULL,
    created_position TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    revoked INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Indexes that only reads need. A rebuild is faster when it creates them at the end. The index of a node's Connections
 * is in order of User, like the tables: closing all of them then writes neighbouring rows together.
 */
export const USERS_INDEXES = `
  CREATE INDEX IF NOT EXISTS services_by_created_position ON services (created_position);
  CREATE INDEX IF NOT EXISTS users_by_service_sid_and_created_position ON users (service_sid, created_position);
  CREATE INDEX IF NOT EXISTS users_by_identity ON users (service_sid, identity);
  CREATE INDEX IF NOT EXISTS users_by_changed_position ON users (service_sid, changed_position);
  CREATE INDEX IF NOT EXISTS users_by_answer ON users (service_sid, answer_flag, answer_state, created_position);
  CREATE INDEX IF NOT EXISTS connections_by_sid ON connections (sid);
  CREATE INDEX IF NOT EXISTS connections_by_node_and_user ON connections (node_id, incarnation, user_sid, sid);
  CREATE INDEX IF NOT EXISTS connections_without_node ON connections (sid) WHERE node_id IS NULL;
  CREATE INDEX IF NOT EXISTS bindings_by_sid ON bindings (sid);
  CREATE INDEX IF NOT EXISTS bindings_by_service_sid_and_created_position ON bindings (service_sid, created_position);
`;
