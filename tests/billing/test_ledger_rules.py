"""Each rule of the ledger that the database keeps, and an attempt to break it behind the services' back."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection, transaction

from billing.ledger import queries, services
from billing.ledger.models import AccountKind, TransferKind
from billing.ledger.triggers import FLOWS
from tests.support.crowd import at_once
from tests.support.projects import make_project
from tests.support.refusals import violates

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def starting_credit():
    return "10"


def insert(project, *, debit, credit, amount="1", kind="number_setup", key="k"):
    """A transfer as a careless program would write it."""
    return (
        "INSERT INTO billing_transfer (key, kind, debit_id, credit_id, amount, occurred_at, cause_kind, cause_id) "
        "VALUES (%s, %s, %s, %s, %s, now(), 'test', 1)",
        [key, kind, debit, credit, amount],
    )


@pytest.mark.parametrize("balance", ["5", "-5"])
def test_an_account_starts_empty(balance, project):
    violates("account_balance_by_transfers",
            "INSERT INTO billing_account (project_id, kind, currency, livemode, balance) "
            "VALUES (NULL, 'x', 'USD', false, %s)", [balance])  # fmt: skip


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_amounts_are_positive(amount, project):
    accounts = services.ensure_accounts(project.pk)
    violates("transfer_amount_positive",
            *insert(project, debit=accounts["wallet"], credit=accounts["revenue_setup"], amount=amount))  # fmt: skip


def test_a_transfer_has_two_accounts(project):
    wallet = services.ensure_accounts(project.pk)["wallet"]
    violates("transfer_two_accounts", *insert(project, debit=wallet, credit=wallet))


def test_a_key_is_used_once(project):
    accounts = services.ensure_accounts(project.pk)
    statement = insert(project, debit=accounts["wallet"], credit=accounts["revenue_setup"], key="once")
    with connection.cursor() as cursor:
        cursor.execute(*statement)
    violates("one_transfer_per_key", *statement)


def test_money_does_not_cross_projects(project):
    other = make_project()
    violates("transfer_like_accounts",
            *insert(project, debit=services.ensure_accounts(project.pk)["wallet"],
                    credit=services.ensure_accounts(other.pk)["revenue_setup"]))  # fmt: skip


@pytest.mark.parametrize(("currency", "livemode"), [("EUR", False), ("USD", True)])
def test_currencies_and_modes_do_not_mix(currency, livemode, project):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_account (project_id, kind, currency, livemode, balance) "
            "VALUES (%s, 'revenue_setup', %s, %s, 0) RETURNING id",
            [project.pk, currency, livemode],
        )
        foreign = cursor.fetchone()[0]
    violates("transfer_like_accounts",
            *insert(project, debit=services.ensure_accounts(project.pk)["wallet"], credit=foreign))  # fmt: skip


def test_an_account_that_does_not_exist(project):
    """There is no foreign key: the trigger looks at both anyway."""
    accounts = services.ensure_accounts(project.pk)
    violates("transfer_like_accounts", *insert(project, debit=accounts["wallet"], credit=2**40))
    violates("transfer_like_accounts", *insert(project, debit=2**40, credit=accounts["wallet"]))
    violates("transfer_like_accounts", *insert(project, debit=2**40, credit=2**41))


def several(project, *movements):
    """Movements (kind, amount) of a project in one statement."""
    accounts, rows, values = services.ensure_accounts(project.pk), [], []
    for n, (kind, amount) in enumerate(movements):
        debit, credit = FLOWS[kind][0]
        rows.append("(%s, %s, %s, %s, %s, now(), 'test', 1)")
        values += [f"several:{n}", kind, accounts[debit], accounts[credit], amount]
    columns = "key, kind, debit_id, credit_id, amount, occurred_at, cause_kind, cause_id"
    return f"INSERT INTO billing_transfer ({columns}) VALUES {', '.join(rows)}", values


@pytest.mark.parametrize(
    ("movements", "balance"),
    [
        ((("number_setup", "6"), ("number_monthly", "4")), "0"),
        ((("number_setup", "12"), ("grant", "5")), "3"),  # a statement counts as a whole
        ((("usage", "8"), ("usage", "8")), "-6"),
        ((("usage", "11"), ("grant", "0.5")), "-0.5"),
    ],
)
def test_movements_of_one_statement_are_summed(movements, balance, project):
    with connection.cursor() as cursor:
        cursor.execute(*several(project, *movements))
    assert queries.balance(project.pk) == Decimal(balance)


@pytest.mark.parametrize(
    "movements",
    [
        (("number_setup", "6"), ("number_monthly", "4.000001")),
        (("usage", "8"), ("number_monthly", "3")),  # what may not overdraw is not carried by what may
        (("number_monthly", "3"), ("usage", "8")),
        (("hold", "5"), ("capture", "6")),
    ],
)
def test_movements_of_one_statement_overdraw_no_more_than_single_ones(movements, project):
    violates("account_no_overdraft", *several(project, *movements))
    assert queries.balance(project.pk) == 10


def test_one_wrong_movement_among_right_ones_undoes_them_all(project):
    sql, values = several(project, ("number_setup", "1"), ("number_monthly", "1"), ("usage", "1"))
    values[6] = "grant"
    violates("transfer_fits_kind", sql, values)
    assert queries.balance(project.pk) == 10


@pytest.mark.parametrize("kind", ["number_setup", "number_monthly", "hold", "release", "capture"])
def test_nothing_that_is_asked_first_may_overdraw(kind, project):
    debit, credit = FLOWS[kind][0]
    accounts = services.ensure_accounts(project.pk)
    violates("account_no_overdraft",
            *insert(project, debit=accounts[debit], credit=accounts[credit], amount="11", kind=kind))  # fmt: skip


def test_every_other_way_between_two_accounts_is_closed(project):
    """Only `usage` and `reversal` may overdraw, so no kind may choose its accounts."""
    accounts = services.ensure_accounts(project.pk)
    for kind in [*TransferKind.values, "made_up"]:
        for debit in AccountKind.values:
            for credit in AccountKind.values:
                if debit != credit and (debit, credit) not in FLOWS.get(kind, ()):
                    violates("transfer_fits_kind",
                            *insert(project, debit=accounts[debit], credit=accounts[credit], kind=kind))  # fmt: skip


def test_every_kind_has_its_way():
    assert set(FLOWS) == set(TransferKind.values)
    assert {kind for ways in FLOWS.values() for way in ways for kind in way} == set(AccountKind.values)


def test_a_repeated_insert_that_does_nothing_moves_nothing(project):
    """The effects of a BEFORE trigger would survive ON CONFLICT DO NOTHING."""
    accounts = services.ensure_accounts(project.pk)
    sql, values = insert(project, debit=accounts["wallet"], credit=accounts["revenue_setup"])
    with connection.cursor() as cursor:
        for _ in range(3):
            cursor.execute(sql + " ON CONFLICT (key) DO NOTHING", values)
    assert queries.balance(project.pk) == 9


def test_one_account_of_each_kind(project):
    violates("one_account_per_kind",
            "INSERT INTO billing_account (project_id, kind, currency, livemode, balance) "
            "VALUES (%s, 'wallet', 'USD', false, 0)", [project.pk])  # fmt: skip


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_opposite_movements_of_one_project_neither_deadlock_nor_lose_anything():
    """Holds and releases lock the same two accounts from both ends; captures followed by releases lock three."""
    project = make_project(credit="1000")
    common = {"project_id": project.pk, "occurred_at": NOW, "memo": "", "cause": ("order", 1)}
    services.hold(key="hold:all", amount=Decimal(500), **common)

    def work(number):
        for turn in range(25):
            key = f"{number}:{turn}"
            match number % 4:
                case 0:
                    services.hold(key=f"hold:{key}", amount=Decimal(1), **common)
                case 1:
                    services.release(key=f"release:{key}", amount=Decimal(1), **common)
                case 2:
                    with transaction.atomic():
                        services.capture(key=f"capture:{key}", revenue="revenue_monthly", amount=Decimal(1), **common)
                        services.release(key=f"rest:{key}", amount=Decimal(1), **common)
                case 3:
                    with transaction.atomic():
                        for kind, revenue in (
                            ("number_setup", "revenue_setup"),
                            ("number_monthly", "revenue_monthly"),
                        ):
                            services.post(key=f"{kind}:{key}", kind=kind, debit="wallet", credit=revenue,
                                          amount=Decimal(1), **common)  # fmt: skip

    assert at_once([partial(work, number) for number in range(8)]) == [None] * 8
    held = 500 + 50 - 50 - 100  # holds, releases, captures with their rests
    assert queries.held(project.pk) == held
    assert queries.balance(project.pk) == 500 - 50 + 50 + 50 - 100
