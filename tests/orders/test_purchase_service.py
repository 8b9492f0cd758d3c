"""Buying a number: what it writes, and every way in which it is refused."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing.ledger import queries as ledger
from billing.ledger.models import Account, Transfer
from numbers.compliance.ordering import place_order
from numbers.models import Lease, LeaseCharge, Number
from numbers.orders import integrity as numbers_integrity
from portal.core.errors import DomainError
from projects.models import AuditEntry, Project
from tests.orders.conftest import NOW
from tests.support.inventory import make_number
from tests.support.people import actor
from tests.support.projects import make_project
from tests.support.purchases import purchase_number
from tests.support.refusals import refused, traces


def buy(project, e164="+12125550100", *, by=None, key=None, expected="3.50", now=NOW):
    return purchase_number(project, e164, by=by or actor(project.created_by), now=now, key=key, expected=expected)


def refused_without_trace(project, code, *args, **kwargs) -> DomainError:
    """Asserts that it is refused with ``code`` and that nothing at all changed."""
    before = traces()
    error = refused(code, buy, project, *args, **kwargs)
    assert traces() == before
    return error


def test_purchase_takes_number_charges_and_records(project, by, number):
    lease = buy(project, by=by, key="form-1")

    number.refresh_from_db()
    assert (number.status, number.updated_at) == ("leased", NOW)
    stored = Lease.objects.get()
    assert (stored.pk, stored.number_id, stored.project_id, stored.status) == (
        lease.pk,
        number.pk,
        project.pk,
        "active",
    )
    assert (stored.setup_price, stored.monthly_price) == (Decimal("1.00"), Decimal("2.50"))
    assert (stored.started_at, stored.anchor_day, stored.next_charge_on) == (NOW, 31, date(2027, 2, 28))
    assert (stored.purchase_key, stored.bought_by) == ("form-1", by.label)
    charge = LeaseCharge.objects.get()
    assert (charge.lease_id, charge.period, charge.starts_on, charge.amount) == (
        lease.pk,
        0,
        date(2027, 1, 31),
        Decimal("2.50"),
    )
    assert ledger.balance(project.pk) == Decimal("6.50")
    moves = Transfer.objects.exclude(kind="grant").order_by("id")
    assert list(
        moves.values_list("key", "kind", "debit__kind", "credit__kind", "amount", "cause_kind", "cause_id")
    ) == [
        (f"setup:{lease.pk}", "number_setup", "wallet", "revenue_setup", Decimal("1.00"), "lease", lease.pk),
        (f"monthly:{lease.pk}:0", "number_monthly", "wallet", "revenue_monthly", Decimal("2.50"), "lease", lease.pk),
    ]
    assert {move.memo for move in moves} == {"Setup of +12125550100", "First month of +12125550100"}
    assert {move.occurred_at for move in moves} == {NOW}


def test_returned_lease_equals_the_stored_one(project, by, number):
    lease, stored = buy(project, by=by, key="k"), Lease.objects.get()
    for field in Lease._meta.concrete_fields:
        assert getattr(lease, field.attname) == getattr(stored, field.attname), field.name
    assert not lease._state.adding


def test_the_day_is_the_utc_day(project, number):
    just_after_midnight_in_tokyo = datetime(2027, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=9)))
    lease = buy(project, now=just_after_midnight_in_tokyo)
    assert (lease.anchor_day, lease.next_charge_on) == (28, date(2027, 3, 28))


def test_zero_amounts_make_no_transfer(project):
    make_number("+12125550101", setup_price=0, monthly_price=Decimal("2"))
    make_number("+12125550102", setup_price=0, monthly_price=0)
    first = buy(project, "+12125550101", expected=None)
    buy(project, "+12125550102", expected=None)
    assert list(Transfer.objects.exclude(kind="grant").values_list("key", flat=True)) == [f"monthly:{first.pk}:0"]
    assert LeaseCharge.objects.count() == 2


def test_a_project_that_never_had_an_account_buys_a_free_number_and_is_refused_a_paid_one(number):
    project = make_project()
    make_number("+12125550102", setup_price=0, monthly_price=0)
    assert not Account.objects.filter(project=project).exists()
    buy(project, "+12125550102", expected="0")
    error = refused("insufficient_credit", buy, project)
    assert error.extra["missing"] == Decimal("3.50")
    assert Account.objects.filter(project=project, kind="wallet").exists()


def test_unknown_number(project, number):
    for e164 in ["+12125550199", "12125550100", "", "+1", "abc", "+1212555\x00100", "+" + "9" * 5000, "+٢١٢٥٥٥٠١٠٠"]:
        assert refused_without_trace(project, "number_unknown", e164).status == 404


@pytest.mark.parametrize("status", ["held", "leased", "quarantined", "withdrawn"])
def test_number_that_is_not_available(project, number, spoiled, status):
    Number.objects.update(status=status)
    error = refused_without_trace(project, "number_taken")
    assert (error.status, error.field) == (409, "number")


def test_own_number_is_said_to_be_own(project, number):
    buy(project)
    assert refused_without_trace(project, "number_taken").extra == {"own": True}


def test_docs_required(project, regulated_number):
    assert refused_without_trace(project, "docs_required", regulated_number.e164, expected="7").status == 409


def test_insufficient_credit_says_how_much_is_missing(project, number):
    Number.objects.update(setup_price=Decimal("8.25"))
    error = refused_without_trace(project, "insufficient_credit", expected="10.75")
    assert (error.status, error.extra) == (402, {"missing": Decimal("0.75")})


def test_the_last_cent_is_enough(project, number):
    Number.objects.update(setup_price=Decimal("7.5"))
    buy(project, expected="10")
    assert ledger.balance(project.pk) == 0


def test_archived_project(project, number):
    Project.objects.update(status="archived")
    assert refused_without_trace(project, "project_archived").status == 409


def test_price_changed_tells_the_new_prices(project, number):
    error = refused_without_trace(project, "price_changed", expected="3.00")
    assert (error.status, error.extra) == (409, {"setup": Decimal("1"), "monthly": Decimal("2.5")})


def test_without_an_expected_total_todays_price_is_taken(project, number):
    assert buy(project, expected=None).monthly_price == Decimal("2.5")


def test_same_key_returns_the_same_lease_and_charges_once(project, number):
    first = buy(project, key="k")
    balance = ledger.balance(project.pk)
    assert buy(project, key="k").pk == first.pk
    assert ledger.balance(project.pk) == balance


def test_same_key_buys_nothing_new_after_the_number_came_back(project, number):
    first = buy(project, key="k")
    Lease.objects.update(status="released", ended_at=NOW)
    Number.objects.update(status="available")
    before = traces()
    assert buy(project, key="k").pk == first.pk
    assert traces() == before


def test_key_used_for_another_number_is_refused(project, number):
    make_number("+12125550101", setup_price=1, monthly_price=2.5)
    buy(project, key="k")
    assert refused_without_trace(project, "purchase_key_reused", "+12125550101", key="k").status == 409


def test_two_projects_may_use_the_same_key(project, number, other_project):
    make_number("+12125550101", setup_price=0, monthly_price=0)
    assert buy(project, key="k").pk != buy(other_project, "+12125550101", key="k", expected="0").pk


def test_purchase_inside_a_transaction_that_rolls_back_leaves_nothing(project, number):
    before = traces()
    with transaction.atomic():
        buy(project)
        transaction.set_rollback(True)
    assert traces() == before


def test_refusal_inside_a_transaction_leaves_it_usable(project, number):
    with transaction.atomic():
        Number.objects.update(setup_price=100)
        with pytest.raises(DomainError):
            buy(project, expected=None)
        assert Number.objects.get().status == "available"


def test_database_refuses_a_second_live_lease(project, number):
    lease = buy(project)
    with pytest.raises(IntegrityError, match="one_live_lease_per_number"), transaction.atomic():
        Lease.objects.create(
            number=number,
            project=project,
            started_at=NOW,
            setup_price=0,
            monthly_price=0,
            anchor_day=1,
            next_charge_on=lease.next_charge_on,
        )


def test_database_refuses_a_second_charge_of_a_period(project, number):
    lease = buy(project)
    with pytest.raises(IntegrityError, match="leasecharge_pkey"), transaction.atomic():
        LeaseCharge.objects.create(lease=lease, period=0, starts_on=NOW.date(), amount=1)


def test_token_purchase_records_the_token(project, number):
    from projects.actor import for_token

    buy(project, by=for_token(project.pid, "Ab1c", "203.0.113.9"))
    entry = AuditEntry.objects.get(action="number.purchased")
    assert (entry.actor_kind, entry.actor_user_id, entry.ip) == ("token", None, "203.0.113.9")


def test_place_order_is_refused_where_purchase_is_the_way(project, by, number):
    refused(
        "docs_not_required",
        place_order,
        project=project,
        e164=number.e164,
        by=by,
        purchase_key=None,
        expected_total=None,
        now=datetime.now(UTC),
    )


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda: LeaseCharge.objects.update(amount=9), "that the ledger does not show as it is"),
        (lambda: LeaseCharge.objects.all().delete(), "never charged for its first month"),
        (lambda: LeaseCharge.objects.update(period=1), "for a period that has no charge"),
        (lambda: Number.objects.update(status="available"), "live leases hold it"),
        (lambda: Lease.objects.update(status="released", ended_at=NOW), "live leases hold it"),
    ],
)
def test_the_integrity_check_sees_a_lease_that_does_not_fit_its_money_or_number(project, number, spoil, words):
    buy(project)
    assert numbers_integrity.numbers_leases_and_money_agree() == []
    with transaction.atomic():
        spoil()
        assert any(words in problem for problem in numbers_integrity.numbers_leases_and_money_agree())
        transaction.set_rollback(True)
