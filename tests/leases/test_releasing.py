"""The end of a lease: at once or with the period, its undo, the lock, and what each of them leaves behind."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from billing.ledger import queries as ledger
from numbers.carrier import credentials
from numbers.leases import quarantine, queries, releasing
from numbers.models import Lease, Number
from numbers.routing.services import set_pstn
from portal.jobs import outbox
from portal.jobs.models import Job
from portal.shell import activity
from projects.actor import SYSTEM
from projects.models import AuditEntry, Project
from tests.leases.data import NOW, buy, release, unpaid
from tests.support import plans
from tests.support.leases import fresh
from tests.support.people import actor
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease(project):
    return buy(project, "+12125550101")


def refused_without_trace(code, act, **given):
    """Asserts that it is refused with ``code`` and that nothing changed."""
    before = everything()
    error = refused(code, act, **{"by": SYSTEM, "now": NOW} | given)
    assert before == everything()
    return error


def everything():
    return (
        list(Lease.objects.values()),
        list(Number.objects.values()),
        AuditEntry.objects.count(),
        Job.objects.count(),
    )


def deeds(number="+12125550101"):
    entries = AuditEntry.objects.filter(subject=number).exclude(action="number.purchased").order_by("id")
    return [entry.action for entry in entries]


@pytest.fixture
def answer(client):
    """What a switch is told that asks where to send a call to the number."""
    _, secret = credentials.create(switch_id="sw1", scopes=["routes"])

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


def test_give_up_names_its_cause_and_passes_the_lock(lease, mailoutbox):
    releasing.set_lock(lease=lease, locked=True, by=SYSTEM, now=NOW)
    unpaid(lease, "suspended")
    releasing.end_lease(lease=lease, cause="unpaid", by=SYSTEM, now=NOW)
    assert fresh(lease).release_cause == "unpaid"
    assert deeds()[-1] == "number.released_unpaid"
    assert not Job.objects.filter(kind="numbers.released_mail").exists(), "whoever ends it for that tells of it"
    line = activity.line(AuditEntry.objects.latest("id"))
    assert f"{line.who} {line.words}" == "The portal released +1 212-555-0101: its renewal was not paid"


# -- at the end of the period -----------------------------------------------------------------------------------


def test_release_at_the_period_end_is_set_for_the_day_of_the_next_charge(lease):
    done = release(lease, at_period_end=True)
    assert (done.status, done.release_on) == ("active", date(2026, 12, 10))
    assert Number.objects.get().status == "leased"
    assert deeds() == ["number.release_scheduled"]
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
    assert deeds() == [
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


# -- undo -------------------------------------------------------------------------------------------------------


def test_undo_brings_the_number_back_as_it_was(project, lease):
    before = Lease.objects.values().get()
    balance = ledger.balance(project.pk)
    release(lease)
    releasing.undo(lease=lease, by=SYSTEM, now=NOW + timedelta(days=3, seconds=-1))
    assert Lease.objects.values().get() == before
    number = Number.objects.get()
    assert (number.status, number.available_from) == ("leased", None)
    assert ledger.balance(project.pk) == balance
    assert deeds() == ["number.released", "number.release_undone"]


def test_undo_ends_after_its_days(lease, settings):
    release(lease)
    assert releasing.can_undo(fresh(lease), now=NOW + timedelta(days=3, seconds=-1))
    assert not releasing.can_undo(fresh(lease), now=NOW + timedelta(days=3))
    refused_without_trace("undo_over", releasing.undo, lease=lease, now=NOW + timedelta(days=3))
    settings.RELEASE_UNDO_DAYS = 0
    refused_without_trace("undo_over", releasing.undo, lease=lease, now=NOW)


@pytest.mark.parametrize(
    ("bought", "paid_until"),
    [
        (datetime(2027, 1, 31, 12, tzinfo=UTC), datetime(2027, 2, 28, tzinfo=UTC)),
        (datetime(2028, 1, 30, 12, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)),
        (datetime(2026, 11, 30, 12, tzinfo=UTC), datetime(2026, 12, 30, tzinfo=UTC)),
    ],
)
def test_undo_ends_with_the_paid_period(project, bought, paid_until):
    lease = buy(project, "+12125550109", now=bought)
    release(lease, paid_until - timedelta(hours=30))
    assert releasing.release_terms(fresh(lease), at_period_end=False, now=paid_until).undo_until == paid_until
    refused_without_trace("undo_over", releasing.undo, lease=lease, now=paid_until)
    releasing.undo(lease=lease, by=SYSTEM, now=paid_until - timedelta(seconds=1))
    assert fresh(lease).status == "active"


def test_undo_needs_a_release(lease):
    refused_without_trace("not_released", releasing.undo, lease=lease)


def test_undo_of_what_was_taken_for_want_of_payment_is_refused(lease):
    releasing.end_lease(lease=lease, cause="unpaid", by=SYSTEM, now=NOW)
    refused_without_trace("undo_over", releasing.undo, lease=lease)
    assert not releasing.can_undo(fresh(lease), now=NOW)


@pytest.mark.parametrize("status", ["available", "withdrawn"])
def test_undo_is_refused_when_the_number_left_its_quarantine(lease, status):
    release(lease)
    Number.objects.update(status=status)
    assert "no longer reserved" in refused_without_trace("undo_over", releasing.undo, lease=lease).message
    assert not releasing.can_undo(fresh(lease), now=NOW)


def test_undo_is_refused_when_somebody_had_the_number_since(project, lease):
    """Also when that one gave it back, and it is in quarantine again."""
    release(lease)
    Number.objects.update(status="available")
    later = Lease.objects.create(
        number=lease.number,
        project=project,
        status="released",
        ended_at=NOW,
        started_at=NOW,
        setup_price=0,
        monthly_price=0,
        anchor_day=1,
        next_charge_on=NOW.date(),
    )
    later.charges.create(period=0, starts_on=NOW.date(), amount=0)
    Number.objects.update(status="quarantined")
    refused_without_trace("undo_over", releasing.undo, lease=lease)


def test_release_and_undo_can_be_repeated(lease):
    for _ in range(3):
        release(lease)
        releasing.undo(lease=lease, by=SYSTEM, now=NOW)
    assert deeds() == ["number.released", "number.release_undone"] * 3


# -- the lock ---------------------------------------------------------------------------------------------------


def test_a_locked_number_is_not_released_in_any_way(lease):
    releasing.set_lock(lease=lease, locked=True, by=SYSTEM, now=NOW)
    for at_period_end in (True, False):
        error = refused_without_trace("number_locked", releasing.release, lease=lease, at_period_end=at_period_end)
        assert "+1 212-555-0101" in error.message
    releasing.set_lock(lease=lease, locked=False, by=SYSTEM, now=NOW)
    release(lease)
    assert deeds() == ["number.locked", "number.unlocked", "number.released"]


def test_setting_a_lock_that_is_set_is_not_recorded(lease):
    releasing.set_lock(lease=lease, locked=False, by=SYSTEM, now=NOW)
    releasing.set_lock(lease=lease, locked=True, by=SYSTEM, now=NOW)
    releasing.set_lock(lease=lease, locked=True, by=SYSTEM, now=NOW)
    assert deeds() == ["number.locked"]


def test_what_is_to_be_released_cannot_be_locked(lease):
    release(lease, at_period_end=True)
    refused_without_trace("release_scheduled", releasing.set_lock, lease=lease, locked=True)
    with pytest.raises(IntegrityError, match="lease_locked_stays"), transaction.atomic():
        Lease.objects.update(locked=True)


# -- mail and history -------------------------------------------------------------------------------------------


def test_mail_says_what_happened_and_until_when_it_can_be_undone(project, lease, owner, mailoutbox, settings):
    settings.SITE_URL = "https://portal.example"
    release(lease, by=actor(owner))
    outbox.run_due_jobs()
    (mail,) = [mail for mail in mailoutbox if "released" in mail.subject]
    assert (mail.to, mail.subject) == ([owner.email], "+1 212-555-0101 was released")
    for body in (mail.body, mail.alternatives[0].content):
        for words in (
            "10 November 2026, 12:00 UTC",
            "not refunded",
            "13 November 2026, 12:00 UTC",
            "25 December 2026",
            f"https://portal.example/projects/{project.pid}/numbers/purchased/{lease.pk}/",
        ):
            assert words in body


def test_mail_of_a_release_that_cannot_be_undone_promises_nothing(lease, owner, mailoutbox):
    unpaid(lease)
    release(lease, by=actor(owner))
    outbox.run_due_jobs()
    (mail,) = [mail for mail in mailoutbox if "released" in mail.subject]
    assert "undo" not in mail.body + mail.alternatives[0].content


def test_no_mail_about_a_release_that_was_undone_before_it_left(lease, mailoutbox):
    release(lease)
    releasing.undo(lease=lease, by=SYSTEM, now=NOW)
    outbox.run_due_jobs()
    assert not [mail for mail in mailoutbox if "released" in mail.subject]


def test_the_scheduled_release_is_told_to_the_owner_when_it_happens(lease, owner, mailoutbox):
    release(lease, at_period_end=True)
    releasing.end_lease(lease=lease, cause="customer", by=SYSTEM, now=datetime(2026, 12, 10, tzinfo=UTC))
    outbox.run_due_jobs()
    assert [mail.to for mail in mailoutbox if "released" in mail.subject] == [[owner.email]]


def test_history_is_that_of_the_number_newest_first(project, lease):
    buy(project, "+12125550102")
    release(lease)
    words = [activity.line(entry).words for entry in queries.history(fresh(lease))]
    assert words == ["released +1 212-555-0101", "bought +1 212-555-0101"]
    plans.fill_trail(project)
    assert "audit_subject" in plans.of(queries.history(fresh(lease)))
