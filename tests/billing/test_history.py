"""The history: every movement, the right balance after it, filters, pages and the export."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.ledger import queries, services
from billing.ledger.queries import MovementFilter
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def move(project, n, kind, debit, credit, amount, memo="", day=0):
    services.post(
        key=f"{project.pk}:{n}", kind=kind, project_id=project.pk, debit=debit, credit=credit, amount=Decimal(amount),
        occurred_at=DAY + timedelta(days=day), memo=memo, cause=("lease", n),
    )  # fmt: skip


@pytest.fixture
def busy(project):
    """Top-up 100, hold 30, setup 1, capture 10 of the hold, the rest released, usage 2; one a day."""
    move(project, 1, "top_up", "gateway", "wallet", 100, "Credits added", 0)
    move(project, 2, "hold", "wallet", "held", 30, "Order of +49 30 5550123", 1)
    move(project, 3, "number_setup", "wallet", "revenue_setup", 1, "+1 212 555 0100", 2)
    move(project, 4, "capture", "held", "revenue_setup", 10, "", 3)
    move(project, 5, "release", "held", "wallet", 20, "", 4)
    move(project, 6, "usage", "wallet", "revenue_usage", 2, "", 5)
    return project


def test_every_row_says_what_was_there_afterwards(busy):
    rows, following = queries.history(busy.pk)
    assert following is None
    assert [(row.kind, row.change, row.held_change, row.balance, row.held) for row in rows] == [
        ("usage", -2, 0, 87, 0),
        ("release", 20, -20, 89, 0),
        ("number_setup", 0, -10, 69, 20),
        ("number_setup", -1, 0, 69, 30),
        ("hold", -30, 30, 70, 30),
        ("top_up", 100, 0, 100, 0),
    ]


def test_pages_meet_without_a_gap(busy):
    whole, _ = queries.history(busy.pk)
    pages, before = [], None
    for _ in range(3):
        rows, before = queries.history(busy.pk, before=before, limit=2)
        pages += rows
    assert before is None
    assert pages == whole


def test_a_filter_narrows_the_rows_and_not_the_balances(busy):
    rows, _ = queries.history(busy.pk, only=MovementFilter(kind="number_setup"))
    assert [(row.balance, row.held) for row in rows] == [(69, 20), (69, 30)]
    rows, _ = queries.history(busy.pk, only=MovementFilter(since=date(2026, 11, 2), until=date(2026, 11, 3)))
    assert [row.kind for row in rows] == ["number_setup", "hold"]


def test_other_projects_do_not_show(busy):
    assert queries.history(make_project().pk) == ([], None)


@given(amounts=st.lists(st.tuples(st.sampled_from(["in", "out", "hold", "release"]), st.integers(1, 500)), max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_running_balances_agree_with_a_naive_sum(amounts, db):
    project = make_project(credit="5000")
    ways = {"in": ("top_up", "gateway", "wallet"), "out": ("usage", "wallet", "revenue_usage"),
            "hold": ("hold", "wallet", "held"), "release": ("release", "held", "wallet")}  # fmt: skip
    wallet, held = Decimal(5000), Decimal(0)
    expected = []
    for number, (way, cents) in enumerate(amounts):
        kind, debit, credit = ways[way]
        if (debit == "held" and held < cents) or (kind == "hold" and wallet < cents):
            continue
        move(project, number, kind, debit, credit, cents)
        wallet += cents * ((credit == "wallet") - (debit == "wallet"))
        held += cents * ((credit == "held") - (debit == "held"))
        expected.append((wallet, held))
    rows, _ = queries.history(project.pk, limit=100)
    assert [(row.balance, row.held) for row in rows[::-1]][1:] == expected


def test_the_page_shows_it(browser, busy):
    page = browser.get(reverse("billing:history", args=[busy.pid])).content.decode()
    assert "Credits added" in page
    assert "−30.00" in page
    assert reverse("numbers:lease", args=[busy.pid, 3]) in page


def test_the_page_spells_numbers_out(browser, busy):
    move(busy, 7, "number_setup", "wallet", "revenue_setup", 1, "Setup of +12125550199", 6)
    page = browser.get(reverse("billing:history", args=[busy.pid])).content.decode()
    assert "Setup of +1 212-555-0199" in page


def test_the_page_costs_the_same_for_more_rows(browser, busy, django_assert_max_num_queries):
    address = reverse("billing:history", args=[busy.pid])
    browser.get(address)
    for number in range(10, 60):
        move(busy, number, "number_setup", "wallet", "revenue_setup", "0.01")
    with django_assert_max_num_queries(12):
        assert browser.get(address).status_code == 200


def test_its_pages_keep_the_filter(browser, busy):
    for number in range(10, 70):
        move(busy, number, "usage", "wallet", "revenue_usage", "0.01")
    first = browser.get(reverse("billing:history", args=[busy.pid]), {"kind": "usage"})
    assert (len(first.context["movements"]), first.context["first_url"]) == (50, "")
    last = browser.get(first.context["next_url"])
    assert (len(last.context["movements"]), last.context["next_url"]) == (11, "")
    assert f'href="{last.context["first_url"]}"' in last.content.decode()
    again = browser.get(last.context["first_url"])
    assert again.context["movements"] == first.context["movements"]


@pytest.mark.parametrize(
    "query",
    ["before=abc", "before=-1", "before=" + "9" * 30, "before=0", "before=999999999999999999", "before=%00",
     "kind=%00", "kind=nonsense", "since=yesterday", "since=0001-01-01", "until=9999-12-31", "since=2026-02-30",
     "since=2026-11-05&until=2026-11-01", "since=" + "1" * 500, "kind=" + "x" * 5000, "kind=%ff%fe", "before=٣"],
)  # fmt: skip
def test_nonsense_in_the_address_is_answered_calmly(query, browser, busy):
    calm = 200 if query.startswith("before=") else 422
    calm = 400 if "%00" in query else calm  # NUL bytes are refused at the door
    assert browser.get(f"{reverse('billing:history', args=[busy.pid])}?{query}").status_code == calm
    assert browser.get(f"{reverse('billing:history_csv', args=[busy.pid])}?{query}", follow=True).status_code == calm


def test_an_export_that_was_asked_for_wrongly_leads_to_the_page_that_says_so(browser, busy):
    answer = browser.get(reverse("billing:history_csv", args=[busy.pid]) + "?kind=nonsense")
    assert (answer.status_code, answer.url) == (302, reverse("billing:history", args=[busy.pid]) + "?kind=nonsense")


def test_the_export_holds_every_row_and_no_formula(browser, busy):
    answer = browser.get(reverse("billing:history_csv", args=[busy.pid]))
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row["Kind"] for row in rows][::5] == ["Usage", "Credits added"]
    columns = ("Amount", "Balance", "Held change", "Held", "Charged")
    assert [[Decimal(rows[place][name]) for name in columns] for place in (0, 2)] == [
        [-2, 87, 0, 0, 2],
        [0, 69, -10, 20, 10],
    ]
    assert rows[3]["Description"] == "'+1 212 555 0100"


def test_spend_by_day_has_every_day(busy):
    assert queries.spend_by_day(busy.pk, date(2026, 11, 2), date(2026, 11, 6)) == [
        (date(2026, 11, 2), 0), (date(2026, 11, 3), 1), (date(2026, 11, 4), 10), (date(2026, 11, 5), 0),
        (date(2026, 11, 6), 2),
    ]  # fmt: skip
