"""A charge is a charge, whether the wallet paid it or what was held for an order: history, filter, CSV and sums."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.ledger import queries
from billing.ledger.models import Transfer, TransferKind
from billing.ledger.queries import MovementFilter
from numbers.compliance import approval
from numbers.compliance.ordering import place_order
from numbers.console.overview.spend import month_spend
from numbers.orders.activation import activate
from numbers.orders.closing import cancel_order
from numbers.orders.models import Order
from numbers.orders.services import purchase
from numbers.renewals.charging import charge_months
from tests.support.inventory import make_number
from tests.support.people import actor
from tests.support.projects import fund
from tests.support.regulations import make_regulation

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
NAMES = {"revenue_setup": "number_setup", "revenue_monthly": "number_monthly", "revenue_usage": "usage"}


@pytest.fixture
def busy(project, owner):
    """A number bought at once, one by an order, one order cancelled; a month later both are charged again."""
    by = actor(owner)
    wanted = {"project": project, "by": by, "purchase_key": None, "expected_total": None, "now": DAY}
    fund(project, "100")
    purchase(e164=make_number(setup_price=Decimal(3), monthly_price=Decimal(5)).e164, **wanted)
    make_regulation("GB", lines=[])
    place = {"country": "GB", "region": "", "city": "London", "docs_required": True}
    ordered = [place_order(e164=make_number(f"+44207946010{n}", setup_price=Decimal(7), monthly_price=Decimal(11),
                                            **place).e164, **wanted) for n in range(2)]  # fmt: skip
    assert {order.status for order in ordered} == {Order.Status.IN_REVIEW}
    cancel_order(order=ordered[1], by=by, now=DAY)
    approval.approve(order=ordered[0], by=by, now=DAY + timedelta(hours=1))
    activate(order_id=ordered[0].pk, now=DAY + timedelta(days=1))
    charge_months(now=DAY + timedelta(days=32))
    return project


def charged(project):
    """The oracle: each transfer into an account of revenue, one by one, as (kind of charge, id, amount, day)."""
    rows = Transfer.objects.filter(credit__project=project, credit__kind__startswith="revenue_").order_by("-id")
    return [(NAMES[row.credit.kind], row.pk, row.amount, row.occurred_at.date())
            for row in rows.select_related("credit")]  # fmt: skip


def exported(browser, project, **query):
    answer = browser.get(reverse("billing:history_csv", args=[project.pid], query=query))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_oracle_sees_both_ways_of_paying(busy):
    assert [(kind, amount) for kind, _, amount, _ in charged(busy)] == [
        ("number_monthly", 11), ("number_monthly", 5), ("number_monthly", 11), ("number_setup", 7),
        ("number_monthly", 5), ("number_setup", 3),
    ]  # fmt: skip
    assert Transfer.objects.filter(debit__project=busy, kind="capture").count() == 2


@pytest.mark.parametrize("kind", [kind for kind in TransferKind.values if kind != "capture"])
def test_a_filter_shows_what_the_whole_list_shows_of_that_kind(kind, busy, browser):
    whole, _ = queries.history(busy.pk)
    rows, _ = queries.history(busy.pk, only=MovementFilter(kind=kind))
    assert rows == [row for row in whole if row.kind == kind]
    assert list(queries.whole_history(busy.pk, MovementFilter(kind=kind))) == rows
    wanted = [(pk, amount) for name, pk, amount, _ in charged(busy) if name == kind]
    assert [(row.id, row.charged) for row in rows if row.charged] == wanted
    page = browser.get(reverse("billing:history", args=[busy.pid], query={"kind": kind}))
    assert [row.id for row in page.context["movements"]] == [row.id for row in rows]
    lines = exported(browser, busy, kind=kind)
    assert [int(line["Movement"]) for line in lines] == [row.id for row in rows]
    assert {line["Kind"] for line in lines} <= {TransferKind(kind).label}


def test_pages_of_a_filtered_list_meet_without_a_gap(busy):
    only = MovementFilter(kind="number_monthly")
    whole, _ = queries.history(busy.pk, only=only)
    first, before = queries.history(busy.pk, only=only, limit=3)
    second, end = queries.history(busy.pk, only=only, before=before, limit=3)
    assert (first + second, end) == (whole, None)
    assert len(whole) == 4


def test_every_sum_of_charges_is_the_same(busy, browser):
    """Nothing twice: a hold is no charge, and neither is what came back of it."""
    total = sum(amount for _, _, amount, _ in charged(busy))
    assert total == 42
    assert sum(row.charged for row in queries.history(busy.pk)[0]) == total
    assert sum(Decimal(line["Charged"]) for line in exported(browser, busy)) == total
    days = queries.spend_by_day(busy.pk, date(2026, 11, 1), date(2026, 12, 31))
    assert {day: amount for day, amount in days if amount} == {
        day: sum(amount for _, _, amount, on in charged(busy) if on == day) for _, _, _, day in charged(busy)
    }
    for month in (date(2026, 11, 1), date(2026, 12, 1)):
        found, mine = month_spend(busy, month), [each for each in charged(busy) if each[3].month == month.month]
        assert found.amount == sum(row.total for row in found.rows) == sum(each[2] for each in mine)
        assert found.setup == sum(each[2] for each in mine if each[0] == "number_setup")
        assert found.monthly == sum(each[2] for each in mine if each[0] == "number_monthly")


def test_the_page_shows_the_amount_of_what_the_hold_paid(busy, browser):
    page = browser.get(reverse("billing:history", args=[busy.pid], query={"kind": "number_setup"})).content.decode()
    assert "−7.00" in page
    assert "paid from held" in page
    assert "Hold captured" not in browser.get(reverse("billing:history", args=[busy.pid])).content.decode()
