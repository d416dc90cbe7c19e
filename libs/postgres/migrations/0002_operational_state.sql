-- Positions of events sort as bytes, whatever the collation of the database.

-- A row means both that a process has the node id and that it lives. `holder` is that process, and `incarnation` is 0
-- until it has started one. Others judge by changes of `counter` whether it lives.
CREATE TABLE reachability.node_leases (
  node_id text PRIMARY KEY,
  holder text NOT NULL,
  incarnation bigint NOT NULL,
  counter bigint NOT NULL,
  renewed_at text
);

CREATE TABLE reachability.ttls (
  connection_sid text PRIMARY KEY,
  service_sid text NOT NULL,
  user_sid text NOT NULL,
  ttl_seconds bigint NOT NULL,
  renewed_at bigint NOT NULL,
  deadline bigint NOT NULL,
  taken boolean NOT NULL DEFAULT false
);
CREATE INDEX ttls_by_deadline ON reachability.ttls (deadline);

-- A record has a status once it has an answer.
CREATE TABLE reachability.idempotency_records (
  id text PRIMARY KEY,
  fingerprint text NOT NULL,
  owner text NOT NULL,
  claimed_until bigint NOT NULL,
  expires_at bigint NOT NULL,
  status integer,
  headers text,
  body text
);
CREATE INDEX idempotency_records_by_expiry ON reachability.idempotency_records (expires_at);

CREATE TABLE reachability.api_key_secrets (
  key_sid text NOT NULL,
  secret_id text NOT NULL,
  protected_secret text NOT NULL,
  PRIMARY KEY (key_sid, secret_id)
);
CREATE TABLE reachability.api_key_uses (
  key_sid text PRIMARY KEY,
  used_at bigint NOT NULL
);

CREATE TABLE reachability.webhook_cursor (
  id integer PRIMARY KEY CHECK (id = 1),
  epoch text NOT NULL,
  position text COLLATE "C",
  effective_at text,
  generation bigint NOT NULL,
  moved_at text,
  down_reason text,
  event_position text COLLATE "C",
  event_id text
);
CREATE TABLE reachability.webhook_users (
  user_sid text PRIMARY KEY,
  service_sid text NOT NULL,
  state text NOT NULL
);
CREATE INDEX webhook_users_by_service ON reachability.webhook_users (service_sid);
CREATE TABLE reachability.webhook_targets (
  service_sid text PRIMARY KEY,
  url text NOT NULL,
  method text NOT NULL
);

-- A delivery is open while it is `pending` or `failed`; only the earliest open one of a User has a `due` time.
CREATE TABLE reachability.webhook_deliveries (
  position text COLLATE "C" PRIMARY KEY,
  sid text NOT NULL UNIQUE,
  idempotency_token text NOT NULL,
  service_sid text NOT NULL,
  user_sid text NOT NULL,
  event_type text NOT NULL,
  parameters text NOT NULL,
  give_up_at bigint NOT NULL,
  status text NOT NULL,
  attempts integer NOT NULL,
  response_code integer,
  error text,
  due bigint,
  claim text,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL
);
CREATE INDEX webhook_deliveries_open
  ON reachability.webhook_deliveries (user_sid, position) WHERE status IN ('pending', 'failed');
CREATE INDEX webhook_deliveries_due
  ON reachability.webhook_deliveries (service_sid, due) WHERE due IS NOT NULL;
CREATE INDEX webhook_deliveries_settled
  ON reachability.webhook_deliveries (status, updated_at) WHERE status IN ('delivered', 'dead');
CREATE INDEX webhook_deliveries_by_service
  ON reachability.webhook_deliveries (service_sid, position);
