-- The registry of projections. Each version has its rows and its checkpoint in a schema of its own, such as
-- `reachability_users_v1`; the views in `reachability_live` show the version that answers reads.

CREATE TABLE reachability.read_model (
  id integer PRIMARY KEY CHECK (id = 1),
  epoch text NOT NULL,
  left_epochs text[] NOT NULL
);
CREATE TABLE reachability.projections (
  name text PRIMARY KEY,
  newest_version integer NOT NULL
);
CREATE TABLE reachability.projection_versions (
  name text NOT NULL,
  version integer NOT NULL,
  state text NOT NULL CHECK (state IN ('live', 'building', 'kept')),
  PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX one_live_version ON reachability.projection_versions (name) WHERE state = 'live';
CREATE UNIQUE INDEX one_building_version
  ON reachability.projection_versions (name) WHERE state = 'building';
CREATE TABLE reachability.skipped_events (
  name text NOT NULL,
  stream text NOT NULL,
  revision bigint NOT NULL,
  PRIMARY KEY (name, stream, revision)
);
CREATE SCHEMA reachability_live;
