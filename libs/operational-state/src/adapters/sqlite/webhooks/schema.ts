/**
 * Traces of deliveries have a table of their own: a program of an earlier version writes all columns of a delivery by their
 * order, and may share the file.
 *
 * A delivery is open while it is `pending` or `failed`; only the earliest open one of a User has a `due` time.
 */
export const WEBHOOKS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS webhook_cursor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch TEXT NOT NULL,
    position TEXT,
    effective_at TEXT,
    generation INTEGER NOT NULL,
    moved_at TEXT,
    down_reason TEXT,
    event_position TEXT,
    event_id TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS webhook_users (
    user_sid TEXT PRIMARY KEY,
    service_sid TEXT NOT NULL,
    state TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS webhook_users_by_service ON webhook_users (service_sid);
  CREATE TABLE IF NOT EXISTS webhook_targets (
    service_sid TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    method TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS webhook_deliveries (
    position TEXT PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    idempotency_token TEXT NOT NULL,
    service_sid TEXT NOT NULL,
    user_sid TEXT NOT NULL,
    event_type TEXT NOT NULL,
    parameters TEXT NOT NULL,
    give_up_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    response_code INTEGER,
    error TEXT,
    due INTEGER,
    claim TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS webhook_deliveries_open
    ON webhook_deliveries (user_sid, position) WHERE status IN ('pending', 'failed');
  CREATE INDEX IF NOT EXISTS webhook_deliveries_due
    ON webhook_deliveries (service_sid, due) WHERE due IS NOT NULL;
  CREATE INDEX IF NOT EXISTS webhook_deliveries_settled
    ON webhook_deliveries (status, updated_at) WHERE status IN ('delivered', 'dead');
  CREATE INDEX IF NOT EXISTS webhook_deliveries_by_service
    ON webhook_deliveries (service_sid, position);
  CREATE TABLE IF NOT EXISTS webhook_traces (
    position TEXT PRIMARY KEY REFERENCES webhook_deliveries ON DELETE CASCADE,
    trace_parent TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** Makes the earliest open delivery of a User (?2) due at ?1, unless it has a time already. */
export const PROMOTE = `
  UPDATE webhook_deliveries SET due = ?1 WHERE due IS NULL AND position =
    (SELECT min(position) FROM webhook_deliveries
     WHERE user_sid = ?2 AND status IN ('pending', 'failed'))
`;
