#!/bin/sh
# Run once by the image of PostgreSQL, after roles.sql, when it makes the database. Afterwards the superuser has no
# password any more: it is reached from inside this container only.
set -eu
psql --set=ON_ERROR_STOP=1 --no-psqlrc --quiet --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
    --set=owner="$DATABASE_OWNER_PASSWORD" --set=app="$DATABASE_PASSWORD" --set=super="$POSTGRES_USER" <<'SQL'
ALTER ROLE portal_owner PASSWORD :'owner';
ALTER ROLE portal_app PASSWORD :'app';
ALTER ROLE :"super" PASSWORD NULL;
SQL
