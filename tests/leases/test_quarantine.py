"""How long a released number rests, and how it comes back on sale."""

import csv
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import transaction
from django.utils import timezone

from numbers.inventory import feed
from numbers.inventory.lifecycle import NUMBER
from numbers.leases import checks, quarantine, releasing, tasks
from numbers.models import Number
from numbers.orders.services import purchase
from portal.core.errors import DomainError
from projects.actor import SYSTEM
from tests.leases.data import NOW, buy, release
from tests.support import plans
from tests.support.inventory import make_number
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db


def rest(e164=None, until=NOW, **extra):
    return make_number(e164, status="quarantined", available_from=until, **extra)


def statuses():
    return dict(Number.objects.values_list("e164", "status"))


def test_days_by_country_else_the_general_ones(project, settings):
    settings.QUARANTINE_DAYS, settings.QUARANTINE_DAYS_BY_COUNTRY = 30, ["FR:90", "DE:180"]
    for country, days in (("FR", 90), ("DE", 180), ("US", 30)):
        lease = buy(project, country=country)
        release(lease)
        number = Number.objects.get(pk=lease.number_id)
        assert number.available_from == NOW + timedelta(days=days)
        assert releasing.release_terms(lease, at_period_end=False, now=NOW).available_from == number.available_from


@pytest.mark.parametrize(
    ("days", "by_country", "undo", "words"),
    [
        (45, ["FR:90", "DE"], 3, "'DE' is not"),
        (45, ["FR:x"], 3, "'FR:x'"),
        (45, ["XX:3"], 3, "'XX:3'"),
        (45, ["fr:90"], 3, "'fr:90'"),
        (45, ["FR:-1"], 3, "'FR:-1'"),
        (45, ["FR:99999"], 3, "'FR:99999'"),
        (45, ["FR:٣"], 3, "not a country code"),
        (45, ["FR:90", "FR:91"], 3, "FR twice"),
        (-1, [], 0, "must be 0 to"),
        (99999, [], 3, "must be 0 to"),
        (45, [], -1, "negative"),
        (2, [], 3, "sold again after 2"),
        (45, ["FR:1"], 3, "of FR is sold again after 1"),
    ],
)
def test_settings_that_make_no_sense_stop_the_start(settings, days, by_country, undo, words):
    settings.QUARANTINE_DAYS, settings.QUARANTINE_DAYS_BY_COUNTRY, settings.RELEASE_UNDO_DAYS = days, by_country, undo
    (problem,) = checks.quarantine_days()
    assert words in problem.msg
    with pytest.raises(SystemCheckError, match=r"numbers\.E01"):
        call_command("check")


def test_settings_that_make_sense_pass(settings):
    settings.QUARANTINE_DAYS, settings.QUARANTINE_DAYS_BY_COUNTRY = 45, ["FR:90", "DE:180"]
    assert checks.quarantine_days() == []


def test_numbers_come_back_when_their_time_is_over_and_not_before():
    rest("+12125550101", NOW)
    rest("+12125550102", NOW + timedelta(seconds=1))
    make_number("+12125550103", status="withdrawn", available_from=NOW - timedelta(days=1))
    make_number("+12125550104", status="held", available_from=None)
    assert quarantine.end(now=NOW) == 1
    assert statuses() == {
        "+12125550101": "available",
        "+12125550102": "quarantined",
        "+12125550103": "withdrawn",
        "+12125550104": "held",
    }
    number = Number.objects.get(e164="+12125550101")
    assert (number.available_from, number.updated_at) == (None, NOW)
    assert quarantine.end(now=NOW) == 0


def test_more_than_one_batch(monkeypatch):
    monkeypatch.setattr(quarantine, "BATCH", 3)
    for _ in range(7):
        rest()
    assert quarantine.end(now=NOW) == 7
    assert set(statuses().values()) == {"available"}


def test_the_periodic_task_does_it(settings):
    rest("+12125550101", timezone.now() - timedelta(seconds=5))
    tasks.end_quarantine()
    assert statuses() == {"+12125550101": "available"}
    assert settings.CELERY_BEAT_SCHEDULE["numbers.end_quarantine"]["task"] == tasks.end_quarantine.name


def test_the_search_for_them_uses_its_index():
    rest()
    due = Number.objects.filter(status="quarantined", available_from__lte=NOW).order_by("available_from")
    assert "number_quarantine" in plans.of(due)


def test_a_released_number_can_be_bought_again_by_others(project):
    lease = buy(project, "+12125550101")
    release(lease)
    other = make_project(credit=10)
    again = {"project": other, "e164": "+12125550101", "by": SYSTEM, "purchase_key": None, "expected_total": None}
    with pytest.raises(DomainError, match="taken by another"):
        purchase(**again, now=NOW + timedelta(days=44))
    quarantine.end(now=NOW + timedelta(days=45))
    purchase(**again, now=NOW + timedelta(days=45))
    assert Number.objects.get().status == "leased"


def test_a_move_of_many_keeps_to_the_table():
    rest("+12125550101")
    make_number("+12125550102", status="held")
    with pytest.raises(ValueError, match="never goes from leased to available"):
        NUMBER.transition_all(Number.objects.all(), "available", since="leased")
    assert NUMBER.transition_all(Number.objects.all(), "available", since="quarantined") == 1
    assert statuses()["+12125550102"] == "held"


@pytest.mark.django_db(transaction=True)
def test_a_number_that_someone_has_locked_is_left_for_the_next_run():
    from tests.support.crowd import at_once

    held, other = rest("+12125550101"), rest("+12125550102")
    with transaction.atomic():
        Number.objects.select_for_update().get(pk=held.pk)
        (count,) = at_once([lambda: quarantine.end(now=NOW)])
    assert count == 1
    assert statuses() == {held.e164: "quarantined", other.e164: "available"}
    assert quarantine.end(now=NOW) == 1


# -- the supplier's feed ----------------------------------------------------------------------------------------

OFFER = {
    "e164": "+12125550101",
    "country": "US",
    "region": "New York",
    "city": "New York",
    "type": "did",
    "capabilities": "voice|sms",
    "setup": "1",
    "monthly": "2",
    "docs_required": "no",
    "supplier": "demo",
    "supplier_id": "n1",
}
ANOTHER = OFFER | {"e164": "+12125550177", "supplier_id": "n77"}


@pytest.fixture
def feed_of(tmp_path):
    def load(*offers):
        path = tmp_path / "feed.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, feed.HEADER)
            writer.writeheader()
            writer.writerows(offers)
        call_command("import_numbers", path, "--withdraw-missing", "--force")
        return Number.objects.get(e164=OFFER["e164"])

    return load


@pytest.fixture
def lease(project, feed_of):
    return buy(project, OFFER["e164"], now=timezone.now(), supplier_ref="n1")


def test_a_feed_does_not_shorten_the_quarantine(lease, feed_of):
    released = release(lease, timezone.now())
    number = feed_of(OFFER | {"monthly": "9"})
    assert (number.status, number.monthly_price) == ("quarantined", 9)
    assert number.available_from == released.ended_at + timedelta(days=45)


def test_a_feed_without_the_number_leaves_it_while_its_release_can_be_undone(lease, feed_of):
    release(lease, timezone.now())
    assert feed_of(ANOTHER).status == "quarantined"
    releasing.undo(lease=lease, by=SYSTEM, now=timezone.now())
    assert feed_of(ANOTHER).status == "leased"


def test_a_feed_without_the_number_takes_it_off_afterwards_and_quarantine_does_not_bring_it_back(lease, feed_of):
    release(lease, timezone.now() - timedelta(days=4))
    assert feed_of(ANOTHER).status == "withdrawn"
    assert quarantine.end(now=timezone.now() + timedelta(days=60)) == 0
    assert statuses()[OFFER["e164"]] == "withdrawn"


def test_back_in_the_feed_it_stays_in_quarantine_for_what_is_left(lease, feed_of):
    released = release(lease, timezone.now() - timedelta(days=4))
    feed_of(ANOTHER)
    number = feed_of(OFFER, ANOTHER)
    assert (number.status, number.available_from) == ("quarantined", released.ended_at + timedelta(days=45))
    Number.objects.filter(pk=number.pk).update(status="withdrawn", available_from=timezone.now() - timedelta(days=1))
    number = feed_of(OFFER, ANOTHER)
    assert (number.status, number.available_from) == ("available", None)
