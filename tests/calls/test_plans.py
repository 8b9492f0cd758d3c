"""However many calls there are, a page of the list reads as many as it shows.

Each part comes in the list's order from an index, and only months within the times are opened.
"""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from numbers.calls.queries import CallFilter, Cursor, page
from tests.calls.records import AT, make_record
from tests.support.leases import DID, make_lease

pytestmark = pytest.mark.django_db
MONTH = CallFilter(since=AT - timedelta(days=19), until=AT + timedelta(days=1))  # within one month


@pytest.fixture
def lease(project):
    lease = make_lease(project=project)
    for days in (0, 30, 60):
        make_record(lease, start_time=AT - timedelta(days=days))
    return lease


@pytest.mark.parametrize(
    ("only", "before"),
    [
        (MONTH, None),
        (MONTH, Cursor(AT + timedelta(hours=1), 10**9)),
        (replace(MONTH, number=DID), None),
        (replace(MONTH, number=DID), Cursor(AT + timedelta(hours=1), 10**9)),
        (replace(MONTH, status="busy", direction="in", parts=("+4420",)), None),
    ],
    ids=["all", "after a cursor", "of a number", "of a number after a cursor", "narrowed"],
)
def test_a_page_is_read_in_order_by_an_index(lease, only, before):
    with CaptureQueriesContext(connection) as queries:
        page(lease.project, only, before=before)
    reads = [query["sql"] for query in queries if "numbers_callrecord" in query["sql"]]
    assert reads
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        for sql in reads:
            cursor.execute("EXPLAIN " + sql.replace("%", "%%"), [])
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert set(re.findall(r"callrecord_(\d{4}_\d\d)", plan)) == {"2026_11"}, plan
            assert "Index Cond" in plan, plan
            assert "Sort" not in plan, plan
            assert "Seq Scan" not in plan, plan
