#!/bin/sh
# Builds the two connection strings from mounted secrets, so that no password stands in the compose file.
# With words after it, runs that verb of the command line instead of the gateway.
set -eu
secrets="${SECRETS_DIR:-/run/secrets}"
database_password="$(cat "$secrets/postgres_password")"
redis_password="$(cat "$secrets/redis_password")"
export DATABASE_URL="postgres://stewardgate:${database_password}@postgres:5432/stewardgate"
export REDIS_URL="redis://:${redis_password}@redis:6379/0"
unset SECRETS_DIR database_password redis_password
if [ "$#" -gt 0 ]; then exec node gateway/cli/stewardgate.ts "$@"; fi
exec node --import ./gateway/telemetry.ts gateway/main.ts
