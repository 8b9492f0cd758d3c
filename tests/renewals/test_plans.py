"""What pages read of thousands of numbers comes from indexes, in order: nothing is sorted that is not shown."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from numbers.renewals.groups import project_renewals
from numbers.renewals.members import SORTED, ChargeDay, statement
from numbers.renewals.queries import order_page
from tests.renewals.data import at, buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def leases(project):
    return [buy(project, at("2027-01-10") + timedelta(days=n)) for n in range(4)]


def plan(sql, values=(), without=("seqscan", "sort", "bitmapscan")):
    with connection.cursor() as cursor:
        for way in ("seqscan", "sort", "bitmapscan", "indexscan"):
            cursor.execute(f"SET LOCAL enable_{way} = {'off' if way in without else 'on'}")
        cursor.execute("EXPLAIN " + sql, values)
        return "\n".join(row[0] for row in cursor.fetchall())


def asked(act):
    with CaptureQueriesContext(connection) as queries:
        act()
    return [query["sql"].replace("%", "%%") for query in queries if "numbers_lease" in query["sql"]]


def test_groups_are_summed_up_from_an_index_alone(project, leases):
    [sql] = asked(lambda: project_renewals(project.pk, charges=3))
    assert "Index Only Scan using lease_charges" in plan(sql, without=("seqscan", "bitmapscan", "indexscan"))
    found = plan(sql)
    charges = found[found.index("->  Limit") :]
    assert "Index Scan using lease_charges" in charges, found
    assert "Seq Scan" not in found, found
    assert "Sort" not in found, found


def day(lease, count):
    return ChargeDay({(lease.status, lease.next_charge_on, lease.anchor_day): 1}, count, Decimal(0))


def test_a_large_day_is_passed_through_in_the_renewal_order(project, leases):
    found = plan(*statement(project.pk, [day(leases[0], SORTED + 1)], []))
    assert "using lease_order on numbers_lease" in found, found
    assert "Sort" not in found, found


def test_a_page_of_the_renewal_order_reads_its_numbers_only(project, leases):
    list(order_page(project, 1))
    count, page = asked(lambda: list(order_page(project, 1)))
    for sql in (count, page):
        found = plan(sql)
        assert "Index Only Scan using lease_order" in found, found
        assert "Seq Scan" not in found, found
