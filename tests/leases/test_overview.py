"""The overview of a month, and the summary for the dashboard."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.ledger.models import Transfer
from numbers.console.overview import spend
from numbers.console.purchased import listing
from tests.leases.test_pages import release
from tests.support.pages import flat, text
from tests.support.projects import make_project
from tests.support.purchases import buy

NOVEMBER, DECEMBER = datetime(2026, 11, 30, 23, 59, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


def overview(customer, project, **query):
    page = customer.get(reverse("numbers:overview", args=[project.pid]), query)
    assert page.status_code == (422 if page.context["form"].errors else 200)
    body = page.content.decode()
    return (re.search(r'id="spent-quantity">([^<]+)', body)[1], re.search(r'id="spent-amount">([^<]+)', body)[1], page)


def test_overview_counts_the_month_and_equals_the_ledger(customer, project):
    buy(project, "+12125550101", now=NOVEMBER, setup_price=Decimal("1.25"))
    buy(project, "+12125550102", now=DECEMBER)
    gone = buy(project, "+12125550103", now=DECEMBER, setup_price=0)
    release(gone, DECEMBER)
    buy(project, "+12125550104", now=DECEMBER, setup_price=0, monthly_price=0)
    buy(make_project(), "+12125550105", now=DECEMBER, setup_price=0, monthly_price=0)

    november, december = spend.month_spend(project, NOVEMBER.date()), spend.month_spend(project, DECEMBER.date())
    assert [(row.e164, row.setup, row.monthly, row.total) for row in november.rows] == [
        ("+12125550101", Decimal("1.25"), Decimal("2"), Decimal("3.25"))
    ]
    assert [(row.e164, row.total, row.status) for row in december.rows] == [
        ("+12125550102", Decimal("3"), "active"),
        ("+12125550103", Decimal("2"), "released"),
    ]
    assert (november.quantity, november.amount) == (1, Decimal("3.25"))
    assert (december.quantity, december.setup, december.monthly, december.amount) == (2, 1, 4, 5)
    booked = sum(Transfer.objects.filter(debit__kind="wallet", debit__project=project).values_list("amount", flat=True))
    assert november.amount + december.amount == booked


def test_overview_page(customer, project, time_machine):
    time_machine.move_to(DECEMBER)
    project.created_at = NOVEMBER
    project.save()
    buy(project, "+12125550101", now=NOVEMBER)
    buy(project, "+12125550102", now=DECEMBER)
    buy(project, "+12125550103", now=DECEMBER)
    quantity, amount, page = overview(customer, project)
    assert (quantity, amount) == ("2", "6.00 USD")
    assert "The cost of each number in December 2026" in text(page)
    assert re.search(r'href="\?month=2026-11"', page.content.decode())
    quantity, amount, page = overview(customer, project, month="2026-11")
    assert (quantity, amount) == ("1", "3.00 USD")
    assert "+1 212-555-0101" in text(page)


def test_overview_without_charges_has_a_next_step(customer, project):
    quantity, amount, page = overview(customer, project)
    assert (quantity, amount) == ("0", "0.00 USD")
    assert "Nothing was billed in this month" in text(page)


@pytest.mark.parametrize(
    "month",
    [
        "2026-13",
        "2026-00",
        "0000-01",
        "1999-12",
        "9999-12",
        "11-2026",
        "x",
        "²⁰²⁶-11",
        "2026-11-01",
        "9" * 3000,
        "\x01",
    ],
)
def test_month_that_is_none_is_said_and_the_current_one_shown(customer, project, month):
    buy(project)
    quantity, _, page = overview(customer, project, month=month)
    assert quantity == "1"
    assert "Showing the current month." in text(page)


def test_overview_pages_by_number(customer, project, monkeypatch):
    monkeypatch.setattr(spend, "PAGE_SIZE", 2)
    for n in range(3):
        buy(project, f"+1212555010{n}")
    _, amount, page = overview(customer, project)
    following = re.search(r'rel="next" href="[^?"]*\?month=[0-9-]+&amp;after=([^"]+)"', flat(page.content.decode()))[1]
    assert following == "%2B12125550101"
    _, amount, page = overview(customer, project, after="+12125550101")
    assert amount == "9.00 USD"
    assert "+1 212-555-0102" in text(page)
    assert "+1 212-555-0101" not in text(page)
    assert overview(customer, project, after="nonsense")[1] == "9.00 USD"


# -- for the dashboard ------------------------------------------------------------------------------------------


def test_summary(project):
    buy(project, "+12125550101", now=DECEMBER)
    buy(project, "+12125550102", now=NOVEMBER, monthly_price=Decimal("2.5"))
    gone = buy(project, "+12125550103")
    release(gone, timezone.now())
    summary = listing.number_summary(project, timezone.now())
    assert (summary.active, summary.ordered, summary.monthly_cost) == (2, 0, Decimal("4.5"))
    assert summary.unpaid is None
    assert [lease.number.e164 for lease in listing.filtered(project)] == ["+12125550102", "+12125550101"]
