"""Messages are kept for months, their text for days, keys as long as a gateway may send a copy."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.checks import run_checks
from django.db import OperationalError, connection, transaction
from django.db.utils import DataError

from numbers.messaging import keeping
from numbers.messaging.models import Message, MessageKey
from numbers.messaging.partitions import MESSAGES
from portal.core.partitions import month_of
from tests.faults.workers import held
from tests.messaging.messages import AT, make_message
from tests.ops.test_roles import refused
from tests.support import table_owner
from tests.support.crowd import at_once
from tests.support.leases import make_lease

pytestmark = pytest.mark.django_db


def months():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = 'numbers_message'::regclass ORDER BY 1"
        )
        return [name.removeprefix("numbers_message_") for (name,) in cursor.fetchall()]


def test_months_are_there_ahead_and_go_when_they_are_old(settings):
    settings.MESSAGE_MONTHS = 2
    MESSAGES.add_months([date(2026, 8, 1), date(2026, 9, 1)])
    keeping.keep_months(now=datetime(2026, 11, 1, 3, tzinfo=UTC))
    assert months() == ["2026_09", "2026_10", "2026_11", "2026_12", "2027_01", "2027_02"]


def test_this_month_and_the_last_are_not_dropped_whoever_asks():
    now = datetime.now(UTC)
    MESSAGES.add_months(month_of(now, plus) for plus in (-2, -1, 0))
    assert len(MESSAGES.drop_months(date(2199, 12, 1))) == 1
    assert months() == [f"{month_of(now, -1):%Y_%m}", f"{now:%Y_%m}"]


def test_a_new_month_has_the_indexes_and_rules_of_the_table():
    MESSAGES.add_months([date(2031, 7, 1)])
    with connection.cursor() as cursor:
        of = {}
        for name in ("numbers_message", "numbers_message_2031_07"):
            cursor.execute(
                "SELECT (SELECT count(*) FROM pg_index WHERE indrelid = c.oid), "
                "(SELECT array_agg(conname ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid "
                " AND contype = 'c'), "
                "(SELECT count(*) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND attnotnull) "
                "FROM pg_class c WHERE relname = %s",
                [name],
            )
            of[name] = cursor.fetchone()
    assert of["numbers_message"] == of["numbers_message_2031_07"]
    assert {constraint.name for constraint in Message._meta.constraints} <= set(of["numbers_message"][1])


@pytest.mark.parametrize("day", ["1999-12-31", "2200-01-01", "infinity"])
def test_nonsense_is_no_month(day):
    with pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT message_add_months(ARRAY[%s]::date[])", [day])


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE numbers_message_2031_07",
        "SELECT * FROM numbers_message_2031_07",
        "ALTER TABLE numbers_message DETACH PARTITION numbers_message_2031_07",
        "DROP FUNCTION message_add_months(date[])",
        "ALTER FUNCTION message_drop_month(date) SECURITY INVOKER",
    ],
)
def test_the_application_has_no_other_way(statement):
    MESSAGES.add_months([date(2031, 7, 1)])
    refused(statement)


@pytest.mark.django_db(transaction=True)
def test_many_need_the_same_month_at_once():
    try:
        assert sorted(at_once([lambda: MESSAGES.add_months([date(2032, 5, 1)])] * 6)) == [0, 0, 0, 0, 0, 1]
    finally:
        table_owner.execute("DROP TABLE numbers_message_2032_05")


@pytest.mark.django_db(transaction=True)
def test_who_reads_an_old_month_is_not_disturbed():
    MESSAGES.add_months([date(2020, 1, 1)])
    with held("LOCK TABLE numbers_message IN ACCESS SHARE MODE"):
        with pytest.raises(OperationalError):
            MESSAGES.drop_months(date(2020, 2, 1))
        keeping.keep_months(now=AT)
    assert months()[0] == "2020_01"
    keeping.keep_months(now=AT)
    assert "2020_01" not in months()


def test_the_text_is_cleared_when_it_is_old_and_the_message_stays(settings, monkeypatch):
    settings.MESSAGE_BODY_DAYS = 30
    monkeypatch.setattr(keeping, "CHUNK", 2)
    lease, now = make_lease(), AT + timedelta(days=30, microseconds=1)
    old = [make_message(lease, received_at=AT - timedelta(days=age)) for age in (0, 1, 40, 40, 40)]
    young = make_message(lease, received_at=AT + timedelta(seconds=1))
    assert keeping.clear_bodies(now=now) == len(old)
    assert keeping.clear_bodies(now=now) == 0
    assert Message.objects.filter(text=None, body_cleared_at=now).count() == len(old)
    assert Message.objects.get(pk=young.pk).text == "Hello"
    settings.MESSAGE_BODY_DAYS = 0
    assert keeping.clear_bodies(now=now + timedelta(days=9000)) == 0
    assert Message.objects.get(pk=young.pk).text == "Hello"


def test_keys_go_on_their_day():
    for day in (1, 2):
        MessageKey.objects.create(switch_id="gw1", digest=bytes([day]), purge_after=AT + timedelta(days=day))
    assert keeping.purge(now=AT + timedelta(days=2)) == 1
    assert [bytes(key.digest) for key in MessageKey.objects.all()] == [b"\x02"]


@pytest.mark.parametrize(
    ("name", "bad", "good", "code"),
    [
        ("MESSAGE_MONTHS", 1, 2, "numbers.E031"),
        ("MESSAGE_BODY_DAYS", -1, 0, "numbers.E032"),
        ("MESSAGE_BODY_DAYS", 1, 30, "numbers.E034"),
        ("MESSAGE_PARTS_WAIT_SECONDS", 9, 10, "numbers.E033"),
        ("MESSAGE_PARTS_WAIT_SECONDS", 86_401, 86_400, "numbers.E033"),
    ],
)
def test_settings_that_lose_messages_are_none(settings, name, bad, good, code):
    setattr(settings, name, bad)
    assert code in [message.id for message in run_checks()]
    setattr(settings, name, good)
    assert code not in [message.id for message in run_checks()]
