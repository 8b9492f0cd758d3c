"""What must hold between numbers, leases, orders and money; checked together with the ledger."""

from typing import Any

from django.db import connection

from billing.ledger.integrity import integrity_check
from billing.ledger.models import AccountKind
from numbers.inventory.models import Number
from numbers.leases.models import Lease
from numbers.orders.models import Order

# In SQL, as one reads them to an auditor; each compares whole tables that have no foreign keys to one another.
_WRONG = {
    # By the key alone, which is unique: quick also when the planner knows nothing of the tables yet.
    "lease {} has a charge for period {} that the ledger does not show as it is": """
        SELECT c.lease_id, c.period
        FROM numbers_leasecharge c
        LEFT JOIN billing_transfer t ON t.key = 'monthly:' || c.lease_id || ':' || c.period
        WHERE c.amount > 0
          AND (t.id IS NULL OR t.cause_kind <> 'lease' OR t.cause_id <> c.lease_id OR t.amount <> c.amount)""",
    "transfer {} charges lease {} for a period that has no charge": """
        SELECT t.key, t.cause_id
        FROM billing_transfer t
        LEFT JOIN numbers_leasecharge c ON c.lease_id = t.cause_id
            AND t.key = 'monthly:' || c.lease_id || ':' || c.period
        WHERE t.cause_kind = 'lease' AND t.key LIKE 'monthly:%%' AND c.lease_id IS NULL""",
    "lease {} was never charged for its first month": """
        SELECT l.id FROM numbers_lease l
        LEFT JOIN numbers_leasecharge c ON c.lease_id = l.id AND c.period = 0
        WHERE c.lease_id IS NULL""",
    "lease {} says that period {} is next, its last charge is of period {}": """
        SELECT l.id, l.next_period, max(c.period)
        FROM numbers_lease l JOIN numbers_leasecharge c ON c.lease_id = l.id
        GROUP BY l.id HAVING l.next_period <> max(c.period) + 1""",
    "order {} is {}, and {} leases came from it": """
        SELECT o.id, o.status, count(l.id)
        FROM numbers_order o LEFT JOIN numbers_lease l ON l.order_id = o.id
        GROUP BY o.id HAVING (o.status = %(active)s) <> (count(l.id) = 1)""",
    "number {} is {}, and {} live leases hold it": """
        SELECT n.e164, n.status, count(l.id)
        FROM numbers_number n
        LEFT JOIN numbers_lease l ON l.number_id = n.id AND l.status = ANY(%(live)s)
        WHERE n.status = %(leased)s OR l.id IS NOT NULL
        GROUP BY n.id HAVING (n.status = %(leased)s) <> (count(l.id) = 1)""",
    "number {} is {}, and {} open orders reserve it": """
        SELECT n.e164, n.status, count(o.id)
        FROM numbers_number n
        LEFT JOIN numbers_order o ON o.number_id = n.id
            AND o.status = ANY(%(open)s)
        WHERE n.status = %(reserved)s OR o.id IS NOT NULL
        GROUP BY n.id HAVING (n.status = %(reserved)s) <> (count(o.id) = 1)""",
    "project {}: {} is held, its open orders hold {}": """
        SELECT coalesce(a.project_id, o.project_id), coalesce(a.balance, 0), coalesce(o.total, 0)
        FROM (SELECT project_id, sum(balance) AS balance FROM billing_account WHERE kind = %(held)s GROUP BY 1) a
        FULL JOIN (SELECT project_id, sum(setup_price + monthly_price) AS total FROM numbers_order
                   WHERE status = ANY(%(open)s) GROUP BY 1) o
            ON o.project_id = a.project_id
        WHERE coalesce(a.balance, 0) <> coalesce(o.total, 0)
          AND EXISTS (SELECT FROM numbers_order WHERE project_id = coalesce(a.project_id, o.project_id))""",
}

_VALUES: dict[str, Any] = {
    "live": list(Lease.LIVE),
    "open": list(Order.OPEN),
    "active": Order.Status.ACTIVE,
    "leased": Number.Status.LEASED,
    "reserved": Number.Status.RESERVED,
    "held": AccountKind.HELD,
}


@integrity_check
def numbers_leases_and_money_agree() -> list[str]:
    """One charge per lease and period; every leased number has its lease, every hold its order, and vice versa."""
    found = []
    with connection.cursor() as cursor:
        for words, sql in _WRONG.items():
            cursor.execute(sql, _VALUES)
            found += [words.format(*row) for row in cursor.fetchall()]
    return found
