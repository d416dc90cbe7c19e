-- Programs of different versions keep read models of their own beside each other. `tables` numbers the tables of their
-- projections. Programs before this migration use `read_model` and `projection_versions`. `projections` counts the
-- versions of all.
CREATE TABLE reachability.read_models (
  tables integer PRIMARY KEY,
  epoch text NOT NULL,
  left_epochs text[] NOT NULL
);
CREATE TABLE reachability.read_model_versions (
  tables integer NOT NULL REFERENCES reachability.read_models ON DELETE CASCADE,
  name text NOT NULL,
  version integer NOT NULL,
  state text NOT NULL CHECK (state IN ('live', 'building', 'kept')),
  PRIMARY KEY (name, version)
);
CREATE UNIQUE INDEX one_live_version_of_tables
  ON reachability.read_model_versions (tables, name) WHERE state = 'live';
CREATE UNIQUE INDEX one_building_version_of_tables
  ON reachability.read_model_versions (tables, name) WHERE state = 'building';

-- A program that knows `needed` can use this schema, also where it does not know the migrations after that. Only a
-- migration that such programs cannot live with changes it.
CREATE TABLE reachability.oldest_program (
  id integer PRIMARY KEY CHECK (id = 1),
  needed text NOT NULL
);
INSERT INTO reachability.oldest_program VALUES (1, '0007_read_models');
