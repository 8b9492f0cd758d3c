"""Ordering a number that needs documents, and cancelling the order."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing.ledger import integrity
from billing.ledger import queries as ledger
from billing.ledger.models import Transfer
from numbers.models import Number, Order
from numbers.orders import integrity as numbers_integrity
from numbers.orders import lifecycle
from numbers.orders.closing import cancel_order
from numbers.orders.services import purchase
from portal.jobs.models import Job
from projects.models import AuditEntry, Project
from tests.orders.conftest import NOW
from tests.support.inventory import make_number
from tests.support.purchases import order_number
from tests.support.refusals import refusal, refused, traces


@pytest.fixture
def place(project, by, regulated_number):
    def place(e164=regulated_number.e164, key="form-1", expected="7.00"):
        return order_number(project, e164, by=by, now=NOW, key=key, expected=expected)

    return place


def test_order_reserves_the_number_and_holds_the_money(project, by, regulated_number, place):
    order = place()
    regulated_number.refresh_from_db()
    assert (regulated_number.status, order.status, order.total) == ("held", "ordered", Decimal("7"))
    assert (ledger.balance(project.pk), ledger.held(project.pk)) == (Decimal("3"), Decimal("7"))
    assert Transfer.objects.filter(cause_kind="order", cause_id=order.pk).values_list("key", "kind").get() == (
        f"hold:{order.pk}",
        "hold",
    )
    entry = AuditEntry.objects.get(action="number.ordered")
    assert (entry.subject, entry.actor_user_id, entry.data["order"]) == (
        regulated_number.e164,
        by.user_id,
        str(order.ref),
    )
    assert Job.objects.get(kind="numbers.order_received_mail").payload == {"order": order.pk, "user": by.user_id}
    assert integrity.problems() == []


def test_same_key_orders_once(project, place):
    first, before = place(), traces()
    assert place().pk == first.pk
    assert traces() == before


def test_key_of_another_number_is_refused(project, place):
    make_number("+442079460101", country="GB", region="", docs_required=True)
    place()
    refused("purchase_key_reused", place, "+442079460101", expected=None)


@pytest.mark.parametrize("bought_first", [True, False])
def test_one_key_never_both_buys_and_orders(bought_first, project, by, place):
    plain = make_number("+442079460102", country="GB", region="").e164
    buy = {"project": project, "e164": plain, "by": by, "purchase_key": "form-1", "expected_total": None, "now": NOW}
    first, second = (lambda: purchase(**buy)), place
    if not bought_first:
        first, second = second, first
    first()
    before = traces()
    error = refusal(second)
    assert (error.code, traces()) == ("purchase_key_reused", before)


def test_purchase_under_an_orders_key_points_back_to_the_order(project, by, regulated_number, place):
    """The guide's API buys first and orders when documents are needed; a repetition must find its order."""
    place()
    refused(
        "docs_required",
        purchase,
        project=project,
        e164=regulated_number.e164,
        by=by,
        purchase_key="form-1",
        expected_total=None,
        now=NOW,
    )


def test_a_free_number_is_ordered_without_a_hold(project, place):
    make_number("+442079460101", country="GB", region="", docs_required=True, setup_price=0, monthly_price=0)
    order = place("+442079460101", expected="0")
    assert (order.total, ledger.held(project.pk)) == (0, 0)
    assert cancel_order(order=order, by=None or _system(), now=NOW).status == "cancelled"


def _system():
    from projects.actor import SYSTEM

    return SYSTEM


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        (lambda: Number.objects.update(status="leased"), "number_taken", 409),
        (lambda: Number.objects.update(docs_required=False), "docs_not_required", 409),
        (lambda: Number.objects.update(monthly_price=5), "price_changed", 409),
        (lambda: Project.objects.update(status="archived"), "project_archived", 409),
        (lambda: Number.objects.all().delete(), "number_unknown", 404),
    ],
)
def test_refusals_change_nothing(project, place, spoiled, change, code, status):
    change()
    before = traces()
    error = refusal(place)
    assert (error.code, error.status) == (code, status)
    assert traces() == before


def test_not_enough_credit_for_the_hold(project, place):
    Number.objects.update(monthly_price=Decimal("8.5"))
    before = traces()
    error = refusal(place, expected="11.5")
    assert (error.code, error.status, error.extra) == (
        "insufficient_credit",
        402,
        {"missing": Decimal("1.5")},
    )
    assert traces() == before


def test_cancel_releases_money_and_number(project, by, regulated_number, place):
    order = place()
    cancel_order(order=order, by=by, now=NOW)
    regulated_number.refresh_from_db()
    order.refresh_from_db()
    assert (regulated_number.status, order.status, order.closed_at) == ("available", "cancelled", NOW)
    assert (ledger.balance(project.pk), ledger.held(project.pk)) == (Decimal("10"), 0)
    assert AuditEntry.objects.filter(action="order.cancelled", subject=regulated_number.e164).count() == 1
    assert integrity.problems() == []


def test_cancelling_twice_releases_once(project, by, place):
    order = place()
    cancel_order(order=order, by=by, now=NOW)
    before = traces()
    cancel_order(order=order, by=by, now=NOW)
    assert traces() == before


@pytest.mark.parametrize("path", [["in_review", "approved"], ["rejected"], ["expired"]])
def test_an_order_that_ended_otherwise_cannot_be_cancelled(project, by, place, spoiled, path):
    order = place()
    for status in path:
        lifecycle.transition(order, status, now=NOW)
    before = traces()
    error = refusal(cancel_order, order=order, by=by, now=NOW)
    assert (error.code, error.extra["now"]) == ("order_status_changed", path[-1])
    assert traces() == before


def test_number_can_be_ordered_again_after_a_cancellation(project, by, place):
    cancel_order(order=place(), by=by, now=NOW)
    assert place(key="form-2").status == "ordered"


def test_database_refuses_a_second_open_order(project, place):
    order = place()
    with pytest.raises(IntegrityError, match="one_open_order_per_number"), transaction.atomic():
        Order.objects.create(project=project, number=order.number, setup_price=0, monthly_price=0, expires_at=NOW)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"status": "lost"}, "order_"),
        ({"status": "cancelled"}, "order_end"),
        ({"closed_at": NOW}, "order_end"),
    ],
)
def test_database_refuses_a_status_that_contradicts_the_end(place, values, constraint):
    order = place()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**values)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda: Number.objects.update(status="available"), "open orders reserve it"),
        (lambda: Order.objects.update(monthly_price=99), "its open orders hold"),
        (lambda: Order.objects.update(status="cancelled", closed_at=NOW), "open orders"),
    ],
)
def test_the_integrity_check_sees_what_does_not_fit(place, spoil, words):
    place()
    assert numbers_integrity.numbers_leases_and_money_agree() == []
    with transaction.atomic():
        spoil()
        assert any(words in problem for problem in numbers_integrity.numbers_leases_and_money_agree())
        transaction.set_rollback(True)
