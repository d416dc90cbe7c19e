/** Tables of one version of the `users` projection, by what they hold. */
export const tableNames = (version: number) => ({
  services: `"users@v${version}_services"`,
  users: `"users@v${version}_users"`,
  connections: `"users@v${version}_connections"`,
  bindings: `"users@v${version}_bindings"`,
  nodes: `"users@v${version}_nodes"`,
});

export type TableNames = ReturnType<typeof tableNames>;

/** Statements that make the tables of one version. */
export function createTables(version: number): string {
  const t = tableNames(version);
  const index = (table: string, columns: string): string =>
    `CREATE INDEX "users@v${version}_${table}_by_${columns.replaceAll(', ', '_')}"
     ON "users@v${version}_${table}" (${columns});`;
  return `
    CREATE TABLE ${t.services} (
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
    CREATE TABLE ${t.users} (
      sid TEXT PRIMARY KEY,
      service_sid TEXT NOT NULL,
      identity TEXT NOT NULL,
      friendly_name TEXT,
      attributes TEXT NOT NULL,
      role_sid TEXT,
      created_at TEXT NOT NULL,
      created_position TEXT NOT NULL,
      updated_at TEXT NOT NULL,
      changed_position TEXT NOT NULL,
      last_connect_position TEXT,
      answered_since TEXT,
      online_changed_at TEXT,
      last_online_at TEXT,
      open_connections INTEGER NOT NULL,
      connections INTEGER NOT NULL,
      bindings INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE ${t.connections} (
      sid TEXT PRIMARY KEY,
      user_sid TEXT NOT NULL,
      service_sid TEXT NOT NULL,
      transport TEXT NOT NULL,
      node_id TEXT,
      incarnation INTEGER,
      device_id TEXT,
      ttl_seconds INTEGER,
      opened_at TEXT NOT NULL,
      opened_position TEXT NOT NULL,
      counted INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE ${t.bindings} (
      sid TEXT PRIMARY KEY,
      user_sid TEXT NOT NULL,
      service_sid TEXT NOT NULL,
      binding_type TEXT NOT NULL,
      address TEXT NOT NULL,
      endpoint TEXT NOT NULL,
      created_at TEXT NOT NULL,
      created_position TEXT NOT NULL,
      updated_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE ${t.nodes} (
      node_id TEXT PRIMARY KEY,
      incarnation INTEGER NOT NULL,
      running INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    ${index('services', 'created_position')}
    ${index('users', 'service_sid, created_position')}
    ${index('connections', 'user_sid')}
    ${index('connections', 'node_id, incarnation')}
    ${index('bindings', 'user_sid')}
    ${index('bindings', 'service_sid, created_position')}
  `;
}
