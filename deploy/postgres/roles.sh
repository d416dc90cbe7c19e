#!/bin/sh
# Creates the roles of docs/operations.md in a new database. The image of PostgreSQL runs it once.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" \
  --set=migrate="$MIGRATE_PASSWORD" --set=worker="$WORKER_PASSWORD" --set=api="$API_PASSWORD" --set=read="$READ_PASSWORD" <<'SQL'
CREATE ROLE reachability_migrate LOGIN PASSWORD :'migrate';
CREATE ROLE reachability_worker LOGIN PASSWORD :'worker';
CREATE ROLE reachability_api LOGIN PASSWORD :'api';
CREATE ROLE reachability_read LOGIN PASSWORD :'read';
CREATE DATABASE reachability;
REVOKE ALL ON DATABASE reachability FROM PUBLIC;
GRANT CONNECT, CREATE ON DATABASE reachability TO reachability_migrate, reachability_worker;
GRANT CONNECT ON DATABASE reachability TO reachability_api, reachability_read;
SQL
