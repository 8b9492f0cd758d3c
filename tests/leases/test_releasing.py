"""The end of a lease: at once or with the period, its undo, the lock, and what each of them leaves behind."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing.ledger import queries as ledger
from numbers.leases import quarantine, releasing
from numbers.models import Number
from numbers.routing.services import set_pstn
from portal.jobs.models import Job
from portal.shell import activity
from projects.actor import SYSTEM
from projects.models import AuditEntry, Project
from tests.leases.data import NOW, buy, release, unpaid
from tests.leases.released import actions, refused_without_trace
from tests.support.leases import fresh
from tests.support.people import actor
from tests.support.prices import set_price
from tests.support.switches import switch_secret

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(client):
    """What a switch is told that asks where to send a call to the number."""
    secret = switch_secret()

    def ask():
        page = client.get("/carrier/v1/routes/+12125550101", headers={"Authorization": f"Bearer {secret}"})
        return page.status_code, page.json().get("error")

    return ask


# -- at once ----------------------------------------------------------------------------------------------------


def test_release_at_once_ends_lease_and_quarantines_number(project, lease, owner):
    balance = ledger.balance(project.pk)
    done = release(lease, NOW, by=actor(owner))
    stored, number = fresh(lease), Number.objects.get()
    assert done.status == stored.status == "released"
    assert (stored.ended_at, stored.release_cause) == (NOW, "customer")
    assert (number.status, number.available_from) == ("quarantined", NOW + timedelta(days=45))
    assert ledger.balance(project.pk) == balance, "the paid month is not refunded"
    entry = AuditEntry.objects.get(action="number.released")
    assert (entry.actor_label, entry.data["lease"]) == (owner.email, lease.pk)


def test_calls_stop_at_once_and_come_back_with_the_undo(lease, answer):
    set_price("GB")
    set_pstn(lease=lease, target="+442079460018", by=SYSTEM, now=NOW)
    assert answer() == (200, None)
    release(lease)
    assert answer() == (410, "released")
    releasing.undo(lease=lease, by=SYSTEM, now=NOW)
    assert answer() == (200, None)
    release(lease)
    quarantine.end(now=NOW + timedelta(days=46))
    assert answer() == (404, "unknown_number")


def test_a_second_release_changes_nothing(lease):
    release(lease)
    refused_without_trace("lease_ended", releasing.release, lease=lease, at_period_end=False)
    refused_without_trace("lease_ended", releasing.release, lease=lease, at_period_end=True)
    refused_without_trace("lease_ended", releasing.end_lease, lease=lease, cause="unpaid")
    refused_without_trace("lease_ended", releasing.set_lock, lease=lease, locked=True)
    refused_without_trace("lease_ended", releasing.cancel_release, lease=lease)


@pytest.mark.parametrize("status", ["past_due", "suspended"])
def test_an_unpaid_number_can_be_released_at_once_only_and_for_good(lease, status):
    unpaid(lease, status)
    refused_without_trace("period_over", releasing.release, lease=lease, at_period_end=True)
    assert releasing.release_terms(fresh(lease), at_period_end=False, now=NOW).undo_until is None
    release(lease)
    refused_without_trace("undo_over", releasing.undo, lease=lease)


def test_release_works_in_an_archived_project_and_its_undo_does_not(project, lease):
    """An archived project is still charged for its numbers until it releases them."""
    releasing.set_lock(lease=lease, locked=True, by=SYSTEM, now=NOW)
    Project.objects.update(status="archived")
    releasing.set_lock(lease=lease, locked=False, by=SYSTEM, now=NOW)
    refused_without_trace("project_archived", releasing.set_lock, lease=lease, locked=True)
    release(lease, at_period_end=True)
    refused_without_trace("project_archived", releasing.cancel_release, lease=lease)
    release(lease)
    refused_without_trace("project_archived", releasing.undo, lease=lease)


def test_end_lease_names_its_cause_and_passes_the_lock(lease, mailoutbox):
    releasing.set_lock(lease=lease, locked=True, by=SYSTEM, now=NOW)
    unpaid(lease, "suspended")
    releasing.end_lease(lease=lease, cause="unpaid", by=SYSTEM, now=NOW)
    assert fresh(lease).release_cause == "unpaid"
    assert actions()[-1] == "number.released_unpaid"
    assert not Job.objects.filter(kind="numbers.released_mail").exists(), "whoever ends it for that tells of it"
    line = activity.line(AuditEntry.objects.latest("id"))
    assert f"{line.who} {line.words}" == "The portal released +1 212-555-0101: its renewal was not paid"


# -- at the end of the period -----------------------------------------------------------------------------------


def test_release_at_the_period_end_is_set_for_the_day_of_the_next_charge(lease):
    done = release(lease, at_period_end=True)
    assert (done.status, done.release_on) == ("active", date(2026, 12, 10))
    assert Number.objects.get().status == "leased"
    assert actions() == ["number.release_scheduled"]
    words = activity.line(AuditEntry.objects.latest("id")).words
    assert words == "scheduled the release of +1 212-555-0101 for 10 December 2026"
    error = refused_without_trace("release_scheduled", releasing.release, lease=lease, at_period_end=True)
    assert "10 December 2026" in error.message


@pytest.mark.parametrize(
    ("bought", "ends"),
    [
        ((2027, 1, 31), date(2027, 2, 28)),
        ((2028, 1, 31), date(2028, 2, 29)),
        ((2028, 2, 29), date(2028, 3, 29)),
        ((2026, 12, 31), date(2027, 1, 31)),
        ((2027, 3, 30), date(2027, 4, 30)),
    ],
)
def test_the_period_ends_where_the_next_charge_would_fall(project, bought, ends):
    moment = datetime(*bought, 23, 59, 59, tzinfo=UTC)
    lease = buy(project, "+12125550109", now=moment)
    terms = releasing.release_terms(lease, at_period_end=True, now=moment)
    assert release(lease, moment, at_period_end=True).release_on == ends
    assert terms.ends_at == datetime(ends.year, ends.month, ends.day, tzinfo=UTC)
    assert lease.paid_through == ends - timedelta(days=1)
    assert terms.undo_until is None


def test_a_scheduled_release_can_be_withdrawn_and_hastened(lease):
    release(lease, at_period_end=True)
    releasing.cancel_release(lease=lease, by=SYSTEM, now=NOW)
    assert fresh(lease).release_on is None
    releasing.cancel_release(lease=lease, by=SYSTEM, now=NOW)
    release(lease, at_period_end=True)
    release(lease)
    assert (fresh(lease).status, fresh(lease).release_on) == ("released", None)
    assert actions() == [
        "number.release_scheduled",
        "number.release_withdrawn",
        "number.release_scheduled",
        "number.released",
    ]


def test_what_the_renewals_do_on_the_day(lease):
    release(lease, at_period_end=True)
    day = datetime(2026, 12, 10, 0, 3, tzinfo=UTC)
    releasing.end_lease(lease=lease, cause="customer", by=SYSTEM, now=day)
    assert (fresh(lease).status, fresh(lease).release_on, fresh(lease).release_cause) == ("released", None, "customer")
    assert Number.objects.get().available_from == day + timedelta(days=45)
    refused_without_trace("undo_over", releasing.undo, lease=lease, now=day)
