"""The two database roles: the owner, who makes the tables, and the application, who may only use them.

`manage.py migrate` connects as the owner (``DATABASE_OWNER_URL``) and ends with :func:`grant`. Everything else is the
application: it cannot change a table, a trigger or a role, and what a trigger forbids it has no right to either, so
that no rule of the ledger or of the audit trail can be switched off from where requests are answered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pgtrigger
from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

MAINTAIN_SINCE = 170_000  # VACUUM and ANALYZE by others than the owner, which imports do; PostgreSQL 17
BY_CLIENT = "pg_trigger_depth() < 1"  # a trigger's condition: refused unless another trigger does it


@contextmanager
def connected_as(connection: BaseDatabaseWrapper, role: dict[str, object] | None) -> Iterator[None]:
    """``connection`` is that role's within the block (None: as before); the database is the same."""
    before = {key: connection.settings_dict[key] for key in role or ()}
    if role:
        connection.close()
        connection.settings_dict.update(role)
    try:
        yield
    finally:
        if role:
            connection.close()
            connection.settings_dict.update(before)


@dataclass
class Refused:
    """What the triggers of a model refuse to everybody."""

    operations: set[str] = field(default_factory=set)  # UPDATE, DELETE
    columns: set[str] = field(default_factory=set)  # never updated
    lockable: bool = False  # its rows are locked all the same


def refused(model: type[models.Model]) -> Refused:
    """Read from the declarations: a trigger that does nothing but raise refuses its operations. One whose condition
    is a change of columns refuses those; other conditions look at values, which privileges cannot."""
    found = Refused()
    for trigger in getattr(model._meta, "triggers", ()):
        function = str(trigger.get_func(model)).strip()
        if trigger.when != pgtrigger.Before or not function.startswith("RAISE EXCEPTION"):
            continue
        operations = set(str(trigger.operation).split(" OR "))
        condition = trigger.get_condition(model)
        if condition is None:
            found.operations |= operations
        elif getattr(condition, "sql", None) == BY_CLIENT:
            found.operations |= operations
            found.lockable = True
        elif isinstance(condition, pgtrigger.AnyChange) and "UPDATE" in operations and condition.fields:
            found.columns |= {
                str(field.column) for field in model._meta.local_concrete_fields if field.name in condition.fields
            }
    return found


def privileges(model: type[models.Model]) -> list[sql.Composable]:
    """What the application may do with the model's table, as GRANT names it."""
    no, meta = refused(model), model._meta
    key = str(meta.pk.column)
    allowed: list[sql.Composable] = [sql.SQL("SELECT"), sql.SQL("INSERT")]
    if "DELETE" not in no.operations:
        allowed.append(sql.SQL("DELETE"))
    columns = {str(column.column) for column in meta.local_concrete_fields} - no.columns - {key}
    if "UPDATE" in no.operations:
        # To lock a row takes the right to change at least one column of it.
        columns = {key} if no.lockable else set()
    elif not no.columns:
        return [*allowed, sql.SQL("UPDATE")]
    if columns:
        names = sql.SQL(", ").join(map(sql.Identifier, sorted(columns)))
        allowed.append(sql.SQL("UPDATE ({})").format(names))
    return allowed


def grant(connection: BaseDatabaseWrapper, role: str) -> None:
    """Gives ``role`` what it needs and takes what it has beyond that, in one transaction; run it as often as you like.
    Tables without a model, of an earlier or later release, may be read and written."""
    by_table = {model._meta.db_table: privileges(model) for model in apps.get_models(include_auto_created=True)}
    by_table["django_migrations"] = [sql.SQL("SELECT")]
    guarded = {model._meta.db_table for model in apps.get_models() if refused(model) != Refused()}
    guarded.add("django_migrations")
    ordinary: list[sql.Composable] = [sql.SQL(word) for word in ("SELECT", "INSERT", "UPDATE", "DELETE")]
    name, owned = sql.Identifier(role), "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_database()")
        version, database = cursor.fetchone()
        # Partitions are reached through their table, and by nobody else.
        cursor.execute(f"{owned} AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname")
        tables = [table for (table,) in cursor.fetchall()]
        statements = [
            sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC, {}").format(sql.Identifier(database), name),
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(sql.Identifier(database), name),
            sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC, {}").format(name),
            sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(name),
            sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {}").format(name),
            sql.SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {}").format(name),
            sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(name),
        ]
        for table in tables:
            allowed = by_table.get(table, ordinary)
            if version >= MAINTAIN_SINCE and table not in guarded:  # it is also the right to lock the whole table
                allowed = [*allowed, sql.SQL("MAINTAIN")]
            statements.append(
                sql.SQL("GRANT {} ON {} TO {}").format(
                    sql.SQL(", ").join(allowed), sql.Identifier("public", table), name
                )
            )
        cursor.execute(sql.SQL("; ").join(statements))  # one message is one transaction


def seal(connection: BaseDatabaseWrapper) -> None:
    """Triggers that the library of triggers leaves open: whoever sets ``pgtrigger.ignore`` would be past them. And
    those that write what the application may not run with the owner's rights."""
    statements: list[sql.Composable] = [
        sql.SQL(
            "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean "
            "LANGUAGE sql IMMUTABLE AS 'SELECT false'"
        )
    ]
    for model in apps.get_models():
        for trigger in getattr(model._meta, "triggers", ()):
            if getattr(trigger, "as_owner", False):
                function = sql.Identifier("public", trigger.get_pgid(model))
                statements += [
                    sql.SQL("ALTER FUNCTION {}() SECURITY DEFINER").format(function),
                    sql.SQL("ALTER FUNCTION {}() SET search_path = pg_catalog, public, pg_temp").format(function),
                ]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("; ").join(statements))
