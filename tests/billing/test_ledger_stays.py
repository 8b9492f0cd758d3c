"""Booked is booked, even for the owner of the tables: triggers refuse what the application has no right to anyway."""

import pytest
from django.db import connection

from billing.ledger import queries
from tests.support.projects import fund
from tests.support.refusals import violates

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_owner")]


@pytest.fixture
def starting_credit():
    return "10"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_transfer SET amount = 1",
        "UPDATE billing_transfer SET memo = 'x'",
        "DELETE FROM billing_transfer",
        "TRUNCATE billing_transfer",
    ],
)
def test_transfers_are_never_changed_or_removed(sql, project):
    violates("transfer_append_only", sql)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_account SET balance = balance + 1",
        "UPDATE billing_account SET kind = 'held'",
        "UPDATE billing_account SET livemode = true",
        "UPDATE billing_account SET project_id = NULL",
    ],
)
def test_balances_change_only_through_transfers(sql, project):
    violates("account_balance_by_transfers", sql)


@pytest.mark.parametrize("change", ["id = id + 1", "kind = 'x'", "currency = 'EUR'", "project_id = NULL"])
def test_an_account_stays_what_it_is_even_for_other_triggers(change, project):
    with connection.cursor() as cursor:
        cursor.execute(f"""
            CREATE TEMPORARY TABLE detour (n int) ON COMMIT DROP;
            CREATE FUNCTION pg_temp.change() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN UPDATE billing_account SET {change} WHERE kind = 'wallet'; RETURN NEW; END $$;
            CREATE TRIGGER detour AFTER INSERT ON detour FOR EACH ROW EXECUTE FUNCTION pg_temp.change()""")
    violates("account_is_the_same", "INSERT INTO detour VALUES (1)")


@pytest.mark.parametrize("sql", ["DELETE FROM billing_account", "TRUNCATE billing_account CASCADE"])
def test_accounts_are_never_removed(sql, project):
    violates("account_stays", sql)


def test_triggers_cannot_be_told_to_look_away(project):
    """django-pgtrigger's own switch, which any session could set."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(tgname)::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger%'")
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", cursor.fetchone())
    violates("transfer_append_only", "DELETE FROM billing_transfer")
    violates("account_balance_by_transfers", "UPDATE billing_account SET balance = balance + 1")
    fund(project, "5")
    assert queries.balance(project.pk) == 15
