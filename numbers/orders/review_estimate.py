"""Review time: how many orders are before this one, and how long reviews took lately. Nothing is promised."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from numbers.orders.models import Order
from portal.core import times

LAST_REVIEWS, WITHIN = 50, timedelta(days=90)
ENOUGH = 5  # with fewer reviews of a country and type, all orders are looked at

# Queue: oldest first. Pace: from submission to the decision, of the last reviews of each country and type in question,
# and of all (the empty country). In SQL, because the ORM has no lateral join, which reads the last reviews of each kind
# and no others.
_QUERY = """
WITH orders AS (
    SELECT o.id, n.country, n.type FROM numbers_order o JOIN numbers_number n ON n.id = o.number_id
    WHERE o.id = ANY(%(orders)s)
), queue AS (
    SELECT id, row_number() OVER (ORDER BY submitted_at, id) AS position
    FROM numbers_order WHERE status = %(in_review)s
), kinds AS (
    SELECT DISTINCT country, type FROM orders UNION ALL SELECT '', ''
), pace AS (
    SELECT kinds.country, kinds.type, count(took) AS reviews,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS median,
           percentile_cont(0.9) WITHIN GROUP (ORDER BY took) AS most
    FROM kinds LEFT JOIN LATERAL (
        SELECT o.decided_at - o.submitted_at AS took
        FROM numbers_order o JOIN numbers_number n ON n.id = o.number_id
        WHERE o.decided_at BETWEEN %(since)s AND %(now)s AND o.submitted_at <= o.decided_at
          AND (kinds.country = '' OR (n.country = kinds.country AND n.type = kinds.type))
        ORDER BY o.decided_at DESC LIMIT %(last)s
    ) review ON true
    GROUP BY kinds.country, kinds.type
)
SELECT orders.id, queue.position, (SELECT count(*) FROM queue),
       alike.reviews, alike.median, alike.most, every.reviews, every.median, every.most
FROM orders
LEFT JOIN queue ON queue.id = orders.id
JOIN pace alike ON alike.country = orders.country AND alike.type = orders.type
JOIN pace every ON every.country = ''
"""


@dataclass(frozen=True, slots=True)
class ReviewEstimate:
    position: int | None  # 1 is the next to be looked at; None while the order does not wait for us
    queue: int  # orders that wait for review
    reviews: int  # how many recent ones the times are taken from; 0 when there are none
    alike: bool  # they were of the same country and type
    median: timedelta | None
    most: timedelta | None  # nine of ten took no longer

    @property
    def typical(self) -> str:
        return times.at_most(self.median) if self.median is not None else ""

    @property
    def ninety_percent(self) -> str:
        return times.at_most(self.most) if self.most is not None else ""


def estimates(orders: Iterable[Order], now: datetime) -> dict[int, ReviewEstimate]:
    """By the order's id; one query for any number of orders."""
    ids = [order.pk for order in orders]
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _QUERY,
            {
                "orders": ids,
                "since": now - WITHIN,
                "now": now,
                "last": LAST_REVIEWS,
                "in_review": Order.Status.IN_REVIEW,
            },
        )
        return {pk: _estimate(*rest) for pk, *rest in cursor.fetchall()}


def _estimate(
    position: int | None,
    queue: int,
    reviews: int,
    median: timedelta | None,
    most: timedelta | None,
    all_reviews: int,
    all_median: timedelta | None,
    all_most: timedelta | None,
) -> ReviewEstimate:
    if reviews >= ENOUGH:
        return ReviewEstimate(position, queue, reviews, True, median, most)
    return ReviewEstimate(position, queue, all_reviews, False, all_median, all_most)
