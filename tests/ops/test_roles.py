"""The application's database role cannot switch a rule off: every attempt is refused by privileges."""

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from billing.ledger import queries
from tests.support import table_owner
from tests.support.projects import fund

pytestmark = pytest.mark.django_db

RULES = [
    (model._meta.db_table, trigger.get_pgid(model))
    for model in apps.get_models()
    for trigger in getattr(model._meta, "triggers", ())
]
GUARDED = sorted({table for table, _ in RULES})


def refused(statement, words="permission denied|must be owner"):
    with pytest.raises(ProgrammingError, match=words) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert error.value.__cause__.sqlstate == "42501"  # insufficient privilege


@pytest.fixture
def starting_credit():
    return "10"


def test_the_tests_are_the_application():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, session_user, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls "
            "FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (settings.DATABASE_ROLE, settings.DATABASE_ROLE, False, False, False, False)
        cursor.execute("SELECT relname FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchall() == []


def test_there_are_rules():
    assert {"billing_account", "billing_transfer", "projects_auditentry"} <= set(GUARDED)


@pytest.mark.parametrize(("table", "trigger"), RULES)
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE {table} DISABLE TRIGGER {trigger}",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TRIGGER {trigger} ON {table}",
        "ALTER TRIGGER {trigger} ON {table} RENAME TO x",
        "DROP FUNCTION {trigger}() CASCADE",
        "ALTER FUNCTION {trigger}() SECURITY INVOKER",
        "CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    ],
)
def test_no_rule_is_switched_off(statement, table, trigger):
    refused(statement.format(table=table, trigger=trigger))


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE {0} CASCADE",
        "DELETE FROM {0}",
        "DROP TABLE {0} CASCADE",
        "ALTER TABLE {0} ADD COLUMN x int",
        "LOCK TABLE {0} IN ACCESS EXCLUSIVE MODE",
        "LOCK TABLE {0} IN SHARE MODE",
        "REINDEX TABLE {0}",
        "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY p ON {0}",
        "COMMENT ON TABLE {0} IS 'x'",
        "MERGE INTO {0} t USING (SELECT 1 AS n) s ON t.id = n WHEN MATCHED THEN DELETE",
        "SELECT setval(pg_get_serial_sequence('{0}', 'id'), 1)",
        "ALTER TABLE {0} OWNER TO CURRENT_USER",
        "CREATE TRIGGER t AFTER INSERT ON {0} EXECUTE FUNCTION num_grams()",
        "CREATE RULE r AS ON UPDATE TO {0} DO INSTEAD NOTHING",
        "CREATE INDEX ON {0} (id)",
        "CREATE TABLE t (LIKE {0})",
    ],
)
def test_guarded_tables_are_neither_emptied_nor_changed(statement, table):
    refused(statement.format(table))


@pytest.mark.parametrize(
    "statement",
    [
        *[f"UPDATE billing_transfer SET {column} = {column}" for column in ("id", "amount", "debit_id", "memo")],
        *[
            f"UPDATE billing_account SET {column} = {column}"
            for column in ("balance", "kind", "project_id", "livemode")
        ],
        *[f"UPDATE projects_auditentry SET {column} = {column}" for column in ("id", "at", "action", "data", "ip")],
        "INSERT INTO billing_account SELECT * FROM billing_account ON CONFLICT (id) DO UPDATE SET balance = 5",
    ],
)
def test_what_is_written_is_not_rewritten(statement, project):
    refused(statement)


def test_a_trigger_of_ones_own_does_not_move_a_balance(project):
    """Inside another trigger the ledger's own condition would let it through; anybody may have temporary tables."""
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE TEMPORARY TABLE detour (n int) ON COMMIT DROP;
            CREATE FUNCTION pg_temp.change() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN UPDATE billing_account SET balance = balance + 1; RETURN NEW; END $$;
            CREATE TRIGGER detour AFTER INSERT ON detour FOR EACH ROW EXECUTE FUNCTION pg_temp.change()""")
    refused("INSERT INTO detour VALUES (1)")


def test_a_temporary_table_does_not_take_the_place_of_a_real_one(project):
    """The trigger that moves balances runs with the owner's rights: names of the session must not reach it."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE billing_account (LIKE public.billing_account) ON COMMIT DROP")
        cursor.execute("INSERT INTO pg_temp.billing_account SELECT * FROM public.billing_account")
        cursor.execute("""
            INSERT INTO public.billing_transfer
                (key, kind, debit_id, credit_id, amount, occurred_at, cause_kind, cause_id)
            SELECT 'k', 'grant', g.id, w.id, 5, now(), 'test', 1
            FROM public.billing_account g JOIN public.billing_account w USING (project_id)
            WHERE g.kind = 'goodwill' AND w.kind = 'wallet'""")
        cursor.execute("DROP TABLE pg_temp.billing_account")
    assert queries.balance(project.pk) == 15


def test_triggers_cannot_be_told_to_look_away(project):
    """django-pgtrigger's own switch, which any session could set."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pgtrigger.ignore', %s, true)", ["{" + ",".join(trigger for _, trigger in RULES) + "}"]
        )
    fund(project, "5")
    assert queries.balance(project.pk) == 15


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "SET ROLE portal_owner",
        "SET SESSION AUTHORIZATION portal_owner",
        "SET log_statement = 'all'",
        "ALTER SYSTEM SET fsync = off",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "ALTER ROLE portal_owner PASSWORD 'x'",
        "CREATE ROLE x SUPERUSER",
        "GRANT portal_owner TO CURRENT_USER",
        "CREATE TABLE x (n int)",
        "CREATE FUNCTION x() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE VIEW x AS SELECT 1",
        "CREATE SCHEMA x",
        "CREATE EXTENSION file_fdw",
        "CREATE DATABASE x",
        "DROP EXTENSION btree_gist",
        "CREATE FUNCTION pg_temp.x() RETURNS int LANGUAGE internal AS 'x'",
        "SELECT * FROM pg_authid",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('.')",
        "SELECT lo_import('/etc/passwd')",
        "UPDATE django_migrations SET name = name",
        "DELETE FROM django_migrations",
    ],
)
def test_nothing_but_the_work_of_an_application(statement):
    if connection.in_atomic_block and statement.startswith(("ALTER SYSTEM", "CREATE DATABASE")):
        with (
            psycopg.connect(**application_of(connection.settings_dict["NAME"]), autocommit=True) as own,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            own.execute(statement)
        return
    refused(statement, "permission denied|must be|Only roles|must have")


def application_of(database):
    return table_owner.params() | {"user": settings.DATABASE_ROLE, "dbname": database}
