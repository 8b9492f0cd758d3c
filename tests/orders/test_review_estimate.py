"""Review time: places in the queue and how long reviews took, by numbers that can be counted by hand."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from numbers.models import Order
from numbers.orders.review_estimate import ReviewEstimate, estimates
from portal.core.times import age, at_most
from tests.orders.conftest import NOW
from tests.support.inventory import make_number
from tests.support.projects import make_project

HOUR = timedelta(hours=1)


def estimate(order):
    return estimates([order], NOW)[order.pk]


@pytest.fixture
def reviewed(project):
    """``reviewed(hours, country=…, number_type=…, ago=…)``: an order of somebody that was decided ``ago`` before now,
    after a review of so long."""
    theirs = make_project(name="Someone")

    def reviewed(hours, country="GB", number_type="did", ago=HOUR, **extra):
        number = make_number(country=country, type=number_type)
        decided = NOW - ago
        values = {
            "status": "rejected",
            "reason": "No.",
            "submitted_at": decided - hours * HOUR,
            "decided_at": decided,
            "closed_at": decided,
        }
        return Order.objects.create(
            project=theirs, number=number, setup_price=0, monthly_price=0, expires_at=NOW, **values | extra
        )

    return reviewed


def waiting_order(order_of, number, since):
    order = order_of(number)
    Order.objects.filter(pk=order.pk).update(status="in_review", submitted_at=since)
    return Order.objects.get(pk=order.pk)


def test_the_oldest_is_next(order_of, berlin):
    late, early, middle = (waiting_order(order_of, berlin(), NOW - days * timedelta(days=1)) for days in (1, 3, 2))
    found = estimates([late, early, middle], NOW)
    assert [(found[each.pk].position, found[each.pk].queue) for each in (early, middle, late)] == [
        (1, 3),
        (2, 3),
        (3, 3),
    ]


def test_equal_times_keep_their_order(order_of, berlin):
    first, second = (waiting_order(order_of, berlin(), NOW) for _ in range(2))
    assert (estimate(first).position, estimate(second).position) == (1, 2)


def test_an_order_that_waits_for_its_customer_has_no_place(order_of, berlin, regulated_number):
    waiting_order(order_of, berlin(), NOW)
    found = estimate(order_of(regulated_number))
    assert (found.position, found.queue) == (None, 1)


def test_nothing_is_said_where_nothing_was_reviewed(order_of, regulated_number):
    assert estimate(order_of(regulated_number)) == ReviewEstimate(None, 0, 0, False, None, None)


def test_five_reviews_of_the_same_kind_speak_for_it(order_of, regulated_number, reviewed):
    for hours in (1, 2, 3, 4, 10):
        reviewed(hours)
    for hours in (100, 200, 300):
        reviewed(hours, country="DE")
        reviewed(hours, number_type="tollfree")
    found = estimate(order_of(regulated_number))
    assert (found.reviews, found.alike, found.median) == (5, True, 3 * HOUR)
    assert found.most == pytest.approx(7.6 * HOUR, abs=timedelta(seconds=1))  # 4 + 0.6 × (10 − 4)
    assert (found.typical, found.ninety_percent) == ("3 hours", "8 hours")


def test_four_are_too_few_and_all_orders_speak(order_of, regulated_number, reviewed):
    for hours in (1, 1, 1, 1):
        reviewed(hours)
    reviewed(11, country="DE")
    found = estimate(order_of(regulated_number))
    assert (found.reviews, found.alike, found.median) == (5, False, HOUR)
    assert found.most == pytest.approx(7 * HOUR, abs=timedelta(seconds=1))


def test_only_the_last_fifty_count(order_of, regulated_number, reviewed):
    for n in range(50):
        reviewed(2, ago=HOUR + n * timedelta(minutes=1))
    for n in range(60):
        reviewed(90, ago=timedelta(days=2 + n / 10))
    found = estimate(order_of(regulated_number))
    assert (found.reviews, found.median, found.most) == (50, 2 * HOUR, 2 * HOUR)


def test_reviews_of_ninety_days(order_of, regulated_number, reviewed):
    for _ in range(5):
        reviewed(2, ago=timedelta(days=90))
        reviewed(50, ago=timedelta(days=90, seconds=1))
    found = estimate(order_of(regulated_number))
    assert (found.reviews, found.median) == (5, 2 * HOUR)


def test_what_was_never_decided_or_never_submitted_is_no_review(order_of, regulated_number, reviewed):
    reviewed(1, decided_at=None)
    reviewed(1, submitted_at=None)  # refused before its documents were there
    assert estimate(order_of(regulated_number)).reviews == 0


def test_one_query_for_any_number_of_orders(order_of, berlin, regulated_number, reviewed):
    for hours in (1, 2, 3, 4, 10):
        reviewed(hours)
    orders = [order_of(regulated_number), *(order_of(berlin(setup_price=0, monthly_price=0)) for _ in range(10))]
    with CaptureQueriesContext(connection) as captured:
        found = estimates(orders, NOW)
    assert len(captured) == 1
    assert (len(found), found[orders[0].pk].alike, found[orders[1].pk].alike) == (11, True, False)
    with CaptureQueriesContext(connection) as captured:
        assert estimates([], NOW) == {}
    assert len(captured) == 0


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "1 minute"),
        (timedelta(seconds=61), "2 minutes"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(minutes=91), "2 hours"),
        (timedelta(hours=3), "3 hours"),
        (timedelta(hours=3, seconds=1), "4 hours"),
        (timedelta(hours=48), "48 hours"),
        (timedelta(hours=48, minutes=1), "3 days"),
        (timedelta(days=9), "9 days"),
    ],
)
def test_times_are_rounded_up(span, words):
    assert at_most(span) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-5), "a moment"),
        (timedelta(seconds=59), "a moment"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(hours=47), "1 day"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_ages_are_rounded_down(span, words):
    assert age(span) == words
