"""After a release: its undo, the lock against it, mails and history."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from billing.ledger import queries as ledger
from numbers.leases import queries, releasing
from numbers.models import Lease, Number
from portal.jobs import outbox
from portal.shell import activity
from projects.actor import SYSTEM
from tests.leases.data import NOW, buy, release, unpaid
from tests.leases.released import actions, refused_without_trace
from tests.support import plans
from tests.support.leases import fresh
from tests.support.people import actor

pytestmark = pytest.mark.django_db


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
    assert actions() == ["number.released", "number.release_undone"]


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


def test_undo_of_a_release_for_want_of_payment_is_refused(lease):
    releasing.end_lease(lease=lease, cause="unpaid", by=SYSTEM, now=NOW)
    refused_without_trace("undo_over", releasing.undo, lease=lease)
    assert not releasing.can_undo(fresh(lease), now=NOW)


@pytest.mark.parametrize("status", ["available", "withdrawn"])
def test_undo_is_refused_when_the_number_left_its_quarantine(lease, status):
    release(lease)
    Number.objects.update(status=status)
    assert "no longer reserved" in refused_without_trace("undo_over", releasing.undo, lease=lease).message
    assert not releasing.can_undo(fresh(lease), now=NOW)


def test_undo_is_refused_when_someone_had_the_number_since(project, lease):
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
    assert actions() == ["number.released", "number.release_undone"] * 3


# -- the lock ---------------------------------------------------------------------------------------------------


def test_a_locked_number_is_not_released_in_any_way(lease):
    releasing.set_lock(lease=lease, locked=True, by=SYSTEM, now=NOW)
    for at_period_end in (True, False):
        error = refused_without_trace("number_locked", releasing.release, lease=lease, at_period_end=at_period_end)
        assert "+1 212-555-0101" in error.message
    releasing.set_lock(lease=lease, locked=False, by=SYSTEM, now=NOW)
    release(lease)
    assert actions() == ["number.locked", "number.unlocked", "number.released"]


def test_setting_a_lock_that_is_set_is_not_recorded(lease):
    releasing.set_lock(lease=lease, locked=False, by=SYSTEM, now=NOW)
    releasing.set_lock(lease=lease, locked=True, by=SYSTEM, now=NOW)
    releasing.set_lock(lease=lease, locked=True, by=SYSTEM, now=NOW)
    assert actions() == ["number.locked"]


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


def test_the_scheduled_release_is_mailed_to_the_owner_when_it_happens(lease, owner, mailoutbox):
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
