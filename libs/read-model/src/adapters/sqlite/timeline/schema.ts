/** Every 32nd fact of a User is a milestone. */
const MILESTONE_EVERY = 32;

/** The condition of the indexes of milestones; SQLite uses them only where a query has the same text. */
export const IS_MILESTONE = `ordinal % ${MILESTONE_EVERY} = 0`;

/** The condition of the index of value changes. */
export const CHANGED_VALUE = 'value_change = position';

/**
 * Tables of the `timeline` projection. Facts are in log order, so that new ones are written only at the end of a table.
 * Each fact points to the User's previous one. Only some facts of a User are indexed, the milestones; the others are a
 * few steps from one of these.
 *
 * Positions in `users` and `user_facts` are numbers. They name what repeats in every fact: the User, by the position of its
 * first fact, and the Service, by that of its creation. So the rows are the same however the log is split into
 * transactions. Codes of types and causes are in `fact-codes.ts`.
 */
export const TIMELINE_SCHEMA = `
  CREATE TABLE heads (
    key TEXT PRIMARY KEY,
    state TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE users (
    first INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    service_sid TEXT NOT NULL,
    identity TEXT NOT NULL,
    latest INTEGER NOT NULL,
    connections TEXT NOT NULL,
    bindings TEXT NOT NULL
  ) STRICT;
  CREATE TABLE user_facts (
    position INTEGER PRIMARY KEY,
    user INTEGER NOT NULL,
    service INTEGER,
    at TEXT NOT NULL,
    created_at TEXT,
    last_connect INTEGER,
    answered_since TEXT,
    online_changed_at TEXT,
    last_online_at TEXT,
    open_connections INTEGER NOT NULL,
    bindings INTEGER NOT NULL,
    previous INTEGER,
    value_change INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    type INTEGER NOT NULL,
    subject_sid TEXT,
    device_id TEXT,
    close_cause INTEGER,
    last_seen_at TEXT,
    actor TEXT NOT NULL
  ) STRICT;
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
  CREATE INDEX user_milestones_by_at ON user_facts (user, at) WHERE ${IS_MILESTONE};
  CREATE INDEX user_milestones_by_position ON user_facts (user) WHERE ${IS_MILESTONE};
  CREATE INDEX service_facts_by_at ON service_facts (service_sid, at, position);
  CREATE INDEX service_facts_by_position ON service_facts (service_sid, position);
`;

/** Only reads of a live version need it. Nearly every change of a Service goes to the end of its part of the index. */
export const TIMELINE_INDEXES = `
  CREATE INDEX IF NOT EXISTS user_changes ON user_facts (service) WHERE ${CHANGED_VALUE};
`;
