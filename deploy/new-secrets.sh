#!/bin/sh
# Prints the secrets of a deployment: those that all processes share, and one password for each role of PostgreSQL.
# Usage, in the checkout: (umask 077 && sh deploy/new-secrets.sh > deploy/secrets.env)
set -eu
npx --no-install reachability credentials generate
for name in POSTGRES_PASSWORD MIGRATE_PASSWORD WORKER_PASSWORD API_PASSWORD READ_PASSWORD GRAFANA_PASSWORD; do
  echo "$name=$(node -p 'crypto.randomBytes(24).toString("hex")')"
done
