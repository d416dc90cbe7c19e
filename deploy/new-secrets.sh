#!/bin/sh
# Prints the secrets of a deployment: those that all processes share, and one password for each user of a store.
# Usage, in the checkout: (umask 077 && sh deploy/new-secrets.sh > deploy/secrets.env)
set -eu
npx --no-install reachability credentials generate
for name in EVENTSTORE_ADMIN_PASSWORD EVENTSTORE_OPS_PASSWORD POSTGRES_PASSWORD MIGRATE_PASSWORD WORKER_PASSWORD API_PASSWORD READ_PASSWORD GRAFANA_PASSWORD; do
  echo "$name=$(node -p 'crypto.randomBytes(24).toString("hex")')"
done
