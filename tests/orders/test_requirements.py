"""The requirements of an order: copied once, counted with what was accepted before, and what follows from them."""

from datetime import UTC, date, datetime

import pytest

from numbers.compliance import checklist
from tests.orders.conftest import NOW
from tests.support.regulations import make_regulation

TODAY = NOW.date()


def required(order):
    return [(item.requirement.title, item.requirement.count, item.missing) for item in checklist.items(order, TODAY)]


def test_an_order_keeps_the_requirements_of_its_day(order_of, berlin):
    rules = make_regulation("DE", lines=[{"types": ["passport"], "title": "Identity", "explanation": "Both sides."}])
    order = order_of(berlin())
    rule = rules.requirements.get()
    rule.title, rule.count = "Everything", 5
    rule.save()
    rule.document_types.clear()
    requirement = order.requirements.get()
    assert (requirement.title, requirement.count, requirement.explanation) == ("Identity", 1, "Both sides.")
    assert [kind.code for kind in requirement.document_types.all()] == ["passport"]
    rules.delete()
    assert required(order) == [("Identity", 1, 1)]


def test_each_holder_has_requirements_of_its_own(order_of, berlin):
    make_regulation("DE", "business", lines=["registration"])
    make_regulation("DE", "individual", lines=["passport", {"types": ["utility_bill"], "count": 2}])
    assert required(order_of(berlin(), holder="business")) == [("Registration", 1, 1)]
    assert required(order_of(berlin(), holder="individual")) == [("Passport", 1, 1), ("Utility bill", 2, 2)]


@pytest.mark.parametrize(
    ("country", "number_type", "wins"),
    [
        ("DE", "did", "Exact"),
        ("DE", "", "Country"),
        ("", "", "Anywhere"),
    ],
)
def test_the_most_specific_regulation_counts(order_of, berlin, country, number_type, wins):
    known = [("", "", "Anywhere"), ("DE", "", "Country"), ("DE", "did", "Exact")]
    for place, kind, title in known[: 1 + known.index((country, number_type, wins))]:
        make_regulation(place, number_type=kind, lines=[{"types": ["passport"], "title": title}])
    make_regulation("FR", number_type="did", lines=[{"types": ["passport"], "title": "Elsewhere"}])
    make_regulation("DE", number_type="tollfree", lines=[{"types": ["passport"], "title": "Other type"}])
    assert required(order_of(berlin())) == [(wins, 1, 1)]


@pytest.mark.parametrize(
    ("day", "title"),
    [
        (date(2027, 1, 30), "Old"),
        (date(2027, 1, 31), "New"),
        (date(2027, 2, 27), "New"),
        (date(2027, 2, 28), None),
    ],
)
def test_a_regulation_holds_from_its_first_day_to_the_day_before_its_end(order_of, berlin, day, title):
    make_regulation("DE", lines=[{"types": ["passport"], "title": "Old"}], valid_until=date(2027, 1, 31))
    make_regulation(
        "DE",
        lines=[{"types": ["passport"], "title": "New"}],
        valid_from=date(2027, 1, 31),
        valid_until=date(2027, 2, 28),
    )
    order = order_of(berlin(), now=datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC))
    assert [each[0] for each in required(order)] == ([title] if title else [])


def test_an_order_without_requirements_is_in_review_at_once(order_of, berlin):
    make_regulation("DE", lines=[])
    order = order_of(berlin())
    assert (order.status, order.submitted_at) == ("in_review", NOW)


def test_without_any_regulation_people_check_the_order(order_of, berlin):
    assert order_of(berlin()).status == "in_review"
