#!/bin/sh
# Makes one role and one database for each service, when the official image first starts.
#
# Mount this folder at /docker-entrypoint-initdb.d. Each password is the content of a file
# <service>_database_password in DATABASE_PASSWORDS (where Docker puts secrets, unless said otherwise).
set -eu

folder=$(dirname "$0")
secrets=${DATABASE_PASSWORDS:-/run/secrets}

for service in intake diagnosis treatment; do
  file="$secrets/${service}_database_password"
  if [ ! -s "$file" ]; then
    echo "postgres: the password of $service is missing: write it into $file" >&2
    exit 1
  fi
  DATABASE_PASSWORD=$(cat "$file") psql --no-psqlrc --quiet \
    --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-postgres}" \
    --set "name=$service" --file "$folder/service.psql"
done
