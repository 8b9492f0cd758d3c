"""The table of calls is made of months: made ahead and on the spot, dropped when they are old, by two functions."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.checks import run_checks
from django.db import OperationalError, connection, transaction
from django.db.utils import DataError

from numbers.calls import keeping
from numbers.calls.models import CallRecord
from numbers.calls.partitions import CALLS
from portal.core.partitions import month_of
from tests.calls.table import months
from tests.faults.workers import held
from tests.ops.test_roles import refused
from tests.support import table_owner
from tests.support.crowd import at_once

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_months_of_the_last_35_days_and_three_ahead_are_there():
    keeping.keep_months(now=NOW)
    assert {"2026_10", "2026_11", "2026_12", "2027_01", "2027_02"} <= set(months())
    keeping.keep_months(now=datetime(2027, 1, 4, tzinfo=UTC))
    assert {"2026_11", "2027_03", "2027_04"} <= set(months())
    assert CALLS.add_months([date(2026, 11, 30)]) == 0


def test_after_a_short_month_35_days_are_three_months():
    keeping.keep_months(now=datetime(2031, 3, 5, tzinfo=UTC))
    assert [name for name in months() if name.startswith("2031")] == [f"2031_0{month}" for month in range(1, 7)]


def test_a_month_holds_its_days_in_utc_and_no_others():
    CALLS.add_months([date(2026, 11, 1)])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL timezone = 'Asia/Tokyo'")
        assert CALLS.add_months([date(2031, 7, 9)]) == 1
        cursor.execute("SET LOCAL timezone = 'UTC'")
        cursor.execute(
            "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'numbers_callrecord_2031_07'"
        )
        assert cursor.fetchone()[0] == "FOR VALUES FROM ('2031-07-01 00:00:00+00') TO ('2031-08-01 00:00:00+00')"


def test_a_new_month_has_the_indexes_and_rules_of_the_table():
    CALLS.add_months([date(2031, 7, 1)])
    with connection.cursor() as cursor:
        of = {}
        for name in ("numbers_callrecord", "numbers_callrecord_2031_07"):
            cursor.execute(
                "SELECT (SELECT count(*) FROM pg_index WHERE indrelid = c.oid), "
                "(SELECT array_agg(conname ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid "
                " AND contype = 'c'), "
                "(SELECT count(*) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND attnotnull) "
                "FROM pg_class c WHERE relname = %s",
                [name],
            )
            of[name] = cursor.fetchone()
    assert of["numbers_callrecord"] == of["numbers_callrecord_2031_07"]
    assert {constraint.name for constraint in CallRecord._meta.constraints} <= set(of["numbers_callrecord"][1])


@pytest.mark.parametrize("day", ["1999-12-31", "2200-01-01", "infinity"])
def test_nonsense_is_no_month(day):
    with pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT call_record_add_months(ARRAY[%s]::date[])", [day])


@pytest.mark.django_db(transaction=True)
def test_many_need_the_same_month_at_once():
    month = date(2032, 5, 1)
    try:
        made = at_once([lambda: CALLS.add_months([month])] * 6)
        assert sorted(made) == [0, 0, 0, 0, 0, 1]
    finally:
        table_owner.execute("DROP TABLE numbers_callrecord_2032_05")


def test_old_months_are_dropped_whole(settings):
    settings.CALL_RECORD_MONTHS = 12
    old = [date(2020, 1, 1), date(2020, 2, 1)]
    CALLS.add_months([*old, date(2025, 10, 1), date(2025, 11, 1)])
    keeping.keep_months(now=NOW)
    assert months()[0] == "2025_11"


def test_the_last_months_are_not_dropped_whoever_asks():
    now = datetime.now(UTC)
    CALLS.add_months(month_of(now, plus) for plus in (-3, -2, -1, 0, 1))
    CALLS.drop_months(date(2199, 12, 1))
    assert months()[0] == f"{month_of(now, -2):%Y_%m}"
    assert f"{now:%Y_%m}" in months()


@pytest.mark.django_db(transaction=True)
def test_who_reads_an_old_month_is_not_disturbed_and_the_rest_goes_on(settings):
    """The drop gives up at once, so that nobody queues behind it; the next time it succeeds."""
    CALLS.add_months([date(2020, 1, 1)])
    with held("LOCK TABLE numbers_callrecord IN ACCESS SHARE MODE"):
        with pytest.raises(OperationalError):
            CALLS.drop_months(date(2020, 2, 1))
        keeping.keep_months(now=NOW)
    assert months()[0] == "2020_01"
    keeping.keep_months(now=NOW)
    assert "2020_01" not in months()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE numbers_callrecord_2031_07",
        "SELECT * FROM numbers_callrecord_2031_07",
        "ALTER TABLE numbers_callrecord DETACH PARTITION numbers_callrecord_2031_07",
        "CREATE TABLE x PARTITION OF numbers_callrecord FOR VALUES FROM ('2040-01-01') TO ('2040-02-01')",
        "DROP FUNCTION call_record_add_months(date[])",
        "ALTER FUNCTION call_record_drop_month(date) SECURITY INVOKER",
    ],
)
def test_the_application_has_no_other_way(statement):
    CALLS.add_months([date(2031, 7, 1)])
    refused(statement)


def test_a_table_of_the_session_is_not_taken_for_the_real_one():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE numbers_callrecord_2031_08 (n int) ON COMMIT DROP")
    assert CALLS.add_months([date(2031, 8, 1)]) == 1


def test_a_retention_below_what_is_still_reported_is_no_setting(settings):
    settings.CALL_RECORD_MONTHS = 2
    assert "numbers.E030" in [message.id for message in run_checks()]
    settings.CALL_RECORD_MONTHS = 3
    assert "numbers.E030" not in [message.id for message in run_checks()]


def test_months_of_a_day():
    assert month_of(NOW) == date(2026, 11, 1)
    assert [month_of(NOW, plus) for plus in (-11, 1, 2)] == [
        date(2025, 12, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
    ]
    assert month_of(NOW - timedelta(days=20)) == date(2026, 10, 1)
