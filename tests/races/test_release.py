"""Many acts on one number at the same moment: it ends once, comes back once, and a lock that was set counts."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPConnection
from threading import Barrier
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import transaction
from django.urls import reverse

from billing.ledger import integrity
from numbers.leases import quarantine, releasing, services
from numbers.models import CallRoute, Lease, Number
from numbers.renewals.charging import charge_months
from numbers.routing.services import clear_route, set_pstn
from portal.jobs.models import Job
from projects.actor import SYSTEM
from projects.models import AuditEntry
from tests.leases.data import NOW, buy
from tests.support.crowd import PATIENCE, Beside, at_once, tally, wait_until_it_waits
from tests.support.leases import fresh
from tests.support.people import browser_of, freshen

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.usefixtures("quiet_broker"),
]
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def lease(project):
    return buy(project, "+12125550101")


def release(lease, at_period_end=False):
    return partial(releasing.release, lease=lease, at_period_end=at_period_end, by=SYSTEM, now=LATER)


def undo(lease):
    return partial(releasing.undo, lease=lease, by=SYSTEM, now=LATER)


def test_twenty_releases_end_it_once(lease):
    assert tally(at_once([release(lease)] * 20)) == {"Lease": 1, "lease_ended": 19}
    assert AuditEntry.objects.filter(action="number.released").count() == 1
    assert Job.objects.filter(kind="numbers.released_mail").count() == 1
    assert integrity.problems() == []


def test_twenty_undos_bring_it_back_once(lease):
    release(lease)()
    assert tally(at_once([undo(lease)] * 20)) == {"Lease": 1, "not_released": 19}
    assert Number.objects.get().status == "leased"


def test_releases_and_undos_in_any_order_leave_it_whole(lease):
    acts = [
        release(lease),
        undo(lease),
        release(lease, at_period_end=True),
        partial(releasing.cancel_release, lease=lease, by=SYSTEM, now=LATER),
    ] * 6
    random.Random(7).shuffle(acts)
    found = tally(at_once(acts))
    assert set(found) <= {"Lease", "lease_ended", "not_released", "release_scheduled"}
    done = AuditEntry.objects.filter(action="number.released").count()
    undone = AuditEntry.objects.filter(action="number.release_undone").count()
    assert done - undone == (fresh(lease).status == "released")
    assert fresh(lease).number.status == ("quarantined" if done > undone else "leased")
    assert integrity.problems() == []


def test_the_end_of_quarantine_and_an_undo_agree(project):
    """Whoever is first has the number: it is never for sale and somebody's at once."""
    leases = [buy(project, f"+121255502{n:02d}", setup_price=0, monthly_price=0) for n in range(12)]
    for lease in leases:
        release(lease)()
    Number.objects.update(available_from=LATER)
    found = tally(at_once([*(undo(lease) for lease in leases), *[partial(quarantine.end, now=LATER)] * 4]))
    assert set(found) <= {"Lease", "undo_over", "int"}
    for lease in map(fresh, leases):
        assert (lease.status, lease.number.status) in {("active", "leased"), ("released", "available")}
    assert integrity.problems() == []


def test_an_undo_waits_for_the_end_of_quarantine(lease):
    release(lease)()
    Number.objects.update(available_from=LATER)
    with transaction.atomic():
        assert quarantine.end(now=LATER) == 1
        undoing = Beside(undo(lease))
        wait_until_it_waits(undoing)
    assert getattr(undoing.result(), "code", undoing.result()) == "undo_over"
    assert (fresh(lease).status, fresh(lease).number.status) == ("released", "available")


def test_several_runs_end_each_quarantine_once(project):
    for n in range(30):
        release(buy(project, f"+121255503{n:02d}", setup_price=0, monthly_price=0))()
    counts = at_once([partial(quarantine.end, now=LATER + timedelta(days=99))] * 6)
    assert sum(counts) == 30


def test_ten_tags_at_once_are_all_kept(lease):
    acts = [partial(services.add_tag, lease=lease, tag=f"tag{n}", by=SYSTEM, now=NOW) for n in range(12)]
    assert tally(at_once(acts)) == {"bool": 10, "too_many_tags": 2}
    assert len(fresh(lease).tags) == 10


def test_releases_meet_the_monthly_run(project):
    """Each number is charged for the new month and then released, or released and not charged; never both halfway."""
    due = datetime(2026, 12, 10, 0, 5, tzinfo=UTC)
    leases = [buy(project, f"+121255505{n:02d}", setup_price=0) for n in range(10)]
    at_once(
        [
            *(
                partial(releasing.release, lease=lease, at_period_end=n % 2 == 1, by=SYSTEM, now=due)
                for n, lease in enumerate(leases)
            ),
            *[partial(charge_months, now=due)] * 3,
        ]
    )
    charge_months(now=due)
    for n, lease in enumerate(map(fresh, leases)):
        months = lease.charges.count()
        assert months in (1, 2)
        if n % 2 and months == 2:  # the month had begun before the customer's click: it ends with that one
            assert (lease.status, lease.release_on) == ("active", lease.next_charge_on)
        else:
            assert (lease.status, lease.number.status) == ("released", "quarantined")
    assert integrity.problems() == []


# -- a lock that is being set, with the negative control ----------------------------------------------------------


def release_while_it_is_being_locked(lease):
    """Somebody's lock is written but not committed when the release begins."""
    with transaction.atomic():
        Lease.objects.filter(pk=lease.pk).update(locked=True)
        releasing_it = Beside(release(lease))
        wait_until_it_waits(releasing_it)
    return releasing_it.result(), fresh(lease)


def test_a_release_waits_for_a_lock_that_is_being_set(lease):
    refusal, after = release_while_it_is_being_locked(lease)
    assert (refusal.code, after.status) == ("number_locked", "active")


def test_calls_are_not_forwarded_from_a_number_that_is_being_released(lease):
    with transaction.atomic():
        release(lease)()
        setting = Beside(partial(set_pstn, lease=lease, target="+442079460018", by=SYSTEM, now=LATER))
        wait_until_it_waits(setting)
    assert getattr(setting.result(), "code", setting.result()) == "lease_ended"
    assert not CallRoute.objects.exists()


def test_forwarding_that_is_removed_twice_at_once_is_removed_once(lease):
    route = set_pstn(lease=lease, target="+442079460018", by=SYSTEM, now=NOW)
    at_once([partial(clear_route, lease=lease, by=SYSTEM, now=LATER)] * 6)
    route.refresh_from_db()
    assert (route.kind, route.version) == ("", 2)
    assert AuditEntry.objects.filter(action="route.cleared").count() == 1


def test_negative_control_without_the_row_lock_a_locked_number_is_released(lease, monkeypatch):
    def unlocked(lease):
        return Lease.objects.select_related("number", "project").get(pk=lease.pk)

    monkeypatch.setattr(releasing, "lock_lease", unlocked)
    done, after = release_while_it_is_being_locked(lease)
    assert (done.status, after.status, after.locked) == ("released", "released", True)


def test_negative_control_without_the_row_lock_tags_are_lost(lease, monkeypatch):
    looked = Barrier(8)

    def unlocked(lease):
        found = Lease.objects.select_related("number", "project").get(pk=lease.pk)
        looked.wait(PATIENCE)  # everybody has looked before anybody writes
        return found

    monkeypatch.setattr(services, "lock_for_settings", unlocked)
    at_once(partial(services.add_tag, lease=lease, tag=f"tag{n}", by=SYSTEM, now=NOW) for n in range(8))
    assert len(fresh(lease).tags) == 1


# -- over HTTP --------------------------------------------------------------------------------------------------

CSRF = "c" * 32
ThreadedWSGIServer.request_queue_size = 512


def press(live_server, cookie, path, fields):
    """Sends a form; returns the HTTP status and where it leads."""
    address = urlsplit(live_server.url)
    link = HTTPConnection(address.hostname, address.port, timeout=PATIENCE)
    try:
        link.request(
            "POST",
            path,
            urlencode({"csrfmiddlewaretoken": CSRF} | fields, doseq=True),
            {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"},
        )
        answer = link.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Location", "")
    finally:
        link.close()


def cookie_of(user):
    client = freshen(browser_of(user))
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}; csrftoken={CSRF}"


def test_twenty_clicks_on_release_end_it_once(live_server, project):
    lease = buy(project, "+12125550101", now=datetime.now(UTC))
    cookie = cookie_of(project.created_by)
    path = reverse("numbers:release", args=[project.pid, lease.pk])
    form = {"typed": "+12125550101", "when": "now"}
    answers = at_once([partial(press, live_server, cookie, path, form)] * 20, connected=False)
    assert Counter(answers) == {(302, reverse("numbers:lease", args=[project.pid, lease.pk])): 20}
    assert AuditEntry.objects.filter(action="number.released").count() == 1
    assert Job.objects.filter(kind="numbers.released_mail").count() == 1


def test_ten_clicks_on_a_release_of_many_end_each_once(live_server, project):
    leases = [
        buy(project, f"+121255504{n:02d}", setup_price=0, monthly_price=0, now=datetime.now(UTC)) for n in range(10)
    ]
    cookie = cookie_of(project.created_by)
    form = {"typed": "10", "when": "now", "lease": [lease.pk for lease in leases]}
    path = reverse("numbers:bulk_release", args=[project.pid])
    answers = at_once([partial(press, live_server, cookie, path, form)] * 10, connected=False)
    assert {status for status, _ in answers} == {200}
    assert AuditEntry.objects.filter(action="number.released").count() == 10
    assert integrity.problems() == []
