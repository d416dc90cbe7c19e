/**
 * Tables of the `timeline` projection. Facts are in log order, so that new ones are written only at the end of a table.
 * Each fact points to the User's previous one. Only some facts of a User are indexed (`milestone`); the others are a
 * few steps from one of these.
 */
export const TIMELINE_SCHEMA = `
  CREATE TABLE heads (
    key TEXT PRIMARY KEY,
    state TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE user_facts (
    position TEXT PRIMARY KEY,
    user_sid TEXT NOT NULL,
    at TEXT NOT NULL,
    user_exists INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    last_connect_position TEXT,
    answered_since TEXT,
    online_changed_at TEXT,
    last_online_at TEXT,
    open_connections INTEGER NOT NULL,
    bindings INTEGER NOT NULL,
    previous TEXT,
    turn TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    milestone INTEGER NOT NULL,
    type TEXT NOT NULL,
    subject_sid TEXT,
    device_id TEXT,
    close_cause TEXT,
    last_seen_at TEXT,
    actor TEXT NOT NULL,
    service_sid TEXT NOT NULL DEFAULT ''
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE service_facts (
    position TEXT PRIMARY KEY,
    service_sid TEXT NOT NULL,
    at TEXT NOT NULL,
    reachability_enabled INTEGER NOT NULL,
    flag_position TEXT,
    flag_changed_at TEXT,
    grace_seconds INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    type TEXT NOT NULL,
    actor TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX user_milestones_by_at ON user_facts (user_sid, at, position) WHERE milestone = 1;
  CREATE INDEX user_milestones_by_position ON user_facts (user_sid, position, turn) WHERE milestone = 1;
  CREATE INDEX service_facts_by_at ON service_facts (service_sid, at, position);
  CREATE INDEX service_facts_by_position ON service_facts (service_sid, position);
`;

/** Only reads of a live version need it. Nearly every change of a Service goes to the end of its part of the index. */
export const TIMELINE_INDEXES = `
  CREATE INDEX IF NOT EXISTS user_changes ON user_facts (service_sid, position) WHERE turn = position;
`;

/** Every 32nd fact of a User is a milestone. */
export const MILESTONE_EVERY = 32;
