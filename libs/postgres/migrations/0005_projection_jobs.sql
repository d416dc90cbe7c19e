-- Operations on projections that some process is to carry out. One of a kind is queued or running for each projection.
-- Others judge by changes of `heartbeats` whether the runner lives.
CREATE TABLE reachability.projection_jobs (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sid text NOT NULL UNIQUE,
  projection text NOT NULL,
  kind text NOT NULL,
  parameters text NOT NULL,
  status text NOT NULL,
  requested_by text NOT NULL,
  cancelled_by text,
  runner text,
  silence_ms bigint,
  heartbeats bigint NOT NULL DEFAULT 0,
  progress text,
  result text,
  error text,
  created_at bigint NOT NULL,
  started_at bigint,
  updated_at bigint NOT NULL,
  ended_at bigint
);
CREATE UNIQUE INDEX one_active_projection_job
  ON reachability.projection_jobs (projection, kind) WHERE status IN ('queued', 'running');
CREATE INDEX projection_jobs_by_projection ON reachability.projection_jobs (projection, number);
