"""The integrity checks find what they are there to find."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from billing import tasks
from billing.ledger import integrity
from billing.payments.models import TopUp
from tests.support.projects import charge_usage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_owner")]


@pytest.fixture
def corrupt():
    """Changes the tables behind the triggers' back, as only their owner can, for one block only."""

    class Undo(Exception):  # noqa: N818
        pass

    def run(sql, look):
        with pytest.raises(Undo), transaction.atomic(), connection.cursor() as cursor:  # noqa: PT012
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(sql)
            look()
            raise Undo

    return run


@pytest.fixture
def starting_credit():
    return "10"


def test_a_sound_ledger_has_no_problems(project):
    assert integrity.problems() == []
    out = StringIO()
    call_command("check_ledger", stdout=out)
    assert "sound" in out.getvalue()


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE billing_account SET balance = balance + 1 WHERE kind = 'wallet'", ["not to zero", "transfers say"]),
        ("UPDATE billing_account SET balance = balance * 2 WHERE kind IN ('wallet', 'goodwill')", ["transfers say"]),
        ("DELETE FROM billing_transfer", ["transfers say"]),
        ("UPDATE billing_transfer SET amount = amount + 1", ["transfers say"]),
        ("UPDATE billing_account SET balance = -1 WHERE kind = 'held'", ["has -1"]),
        ("UPDATE billing_account SET balance = -1 WHERE kind = 'wallet'", ["has -1"]),
    ],
)  # fmt: skip
def test_corruption_is_found(sql, words, project, corrupt, caplog):
    def look():
        found = integrity.problems()
        for word in words:
            assert any(word in problem for problem in found), found
        with pytest.raises(SystemExit) as ended:
            call_command("check_ledger", stderr=StringIO())
        assert ended.value.code == 1
        tasks.check_ledger()
        assert "ledger.unsound" in caplog.text

    corrupt(sql, look)


def test_a_top_up_that_says_more_than_was_booked_is_found(project, gateway):
    from django.utils import timezone

    top_up = TopUp.objects.create(
        project=project, amount=Decimal(5), currency="USD", livemode=False, terms_version="1",
        refund_policy_version="1", agreed_at=timezone.now(), form_token="x", booked=Decimal(5),
    )  # fmt: skip
    assert integrity.problems() == [f"top-up {top_up.pk}: says 5.000000 is booked, transfers say 0"]
    TopUp.objects.filter(pk=top_up.pk).update(booked=0)


def test_a_wallet_below_zero_by_usage_is_no_problem(project):
    charge_usage(project, "30")
    assert integrity.problems() == []


def test_rooms_above_add_their_own_questions(project):
    def never_right() -> list[str]:
        return ["something of another room"]

    integrity.integrity_check(never_right)
    try:
        assert integrity.problems() == ["something of another room"]
    finally:
        integrity.registered_checks.popitem()
