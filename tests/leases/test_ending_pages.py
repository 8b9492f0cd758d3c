"""Giving one number up in the portal: the confirmation, the fresh code, the undo, the lock."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.console.number.release_forms import is_spelling_of
from numbers.leases import releasing
from numbers.models import Number
from portal.accounts.models import AuthenticatorDevice
from projects.actor import SYSTEM
from projects.models import AuditEntry, Project, Role
from tests.leases.data import buy, release, unpaid
from tests.support.leases import fresh
from tests.support.pages import flat, text
from tests.support.people import freshen, sign_in, totp
from tests.support.projects import add_member

pytestmark = pytest.mark.django_db
REAUTHENTICATE = "/accounts/2fa/reauthenticate/"


@pytest.fixture
def lease(project):
    return buy(project, "+12125550101", now=timezone.now() - timedelta(days=3))


def address(lease, name="release"):
    return reverse(f"numbers:{name}", args=[lease.project.pid, lease.pk])


def ask(customer, lease, typed="+1 212-555-0101", when="now", **extra):
    return customer.post(address(lease), {"typed": typed, "when": when}, **extra)


def lock(lease, locked=True):
    releasing.set_lock(lease=lease, locked=locked, by=SYSTEM, now=timezone.now())


# -- the confirmation -------------------------------------------------------------------------------------------


def day(moment):
    return f"{moment.day} {moment:%B %Y}"


def test_the_page_says_what_would_happen(customer, lease, settings):
    settings.QUARANTINE_DAYS_BY_COUNTRY = ["US:60"]
    now = timezone.now()
    words = text(customer.get(address(lease)))
    end = fresh(lease).next_charge_on
    for part in (
        "Release +1 212-555-0101?",
        f"It works until {day(end)}, 00:00 UTC",
        f"It is available to other customers from {day(end + timedelta(days=60))}",
        "It stops taking calls and messages immediately.",
        f"paid until {day(end - timedelta(days=1))} is not refunded",
        f"You can undo this until {day(now + timedelta(days=3))}",
        f"It is available to other customers from {day(now + timedelta(days=60))}",
        "a new code from your second factor",
    ):
        assert part in words


def test_the_dialog_is_the_same_in_a_fragment(customer, lease):
    page = customer.get(address(lease), headers={"HX-Request": "true"})
    assert page.templates[0].name == "numbers/number/_release_dialog.html"
    assert 'id="modal-title"' in page.content.decode()
    assert "<html" not in page.content.decode()


def test_without_a_running_month_only_at_once_can_be_chosen(customer, lease):
    unpaid(lease, since=timezone.now())
    words = text(customer.get(address(lease)))
    assert "At the end of the paid month" not in words
    assert "This cannot be undone." in words
    page = ask(freshen(customer), lease, when="later")
    assert page.status_code == 422
    assert "The current month is not paid" in text(page)


def test_a_locked_and_a_released_number_have_no_form(customer, lease):
    lock(lease)
    page = customer.get(address(lease))
    assert "locked against release" in text(page)
    assert 'name="typed"' not in page.content.decode()
    lock(lease, False)
    release(lease, timezone.now())
    assert "was already released on" in text(customer.get(address(lease)))


@pytest.mark.parametrize(
    "typed",
    [
        "+12125550101",
        "+1 212-555-0101",
        "(212) 555-0101",
        "212 555 0101",
        "2125550101",
        "1-212-555-0101",
        "12125550101",
        "0012125550101",
        " +1.212.555.0101 ",
    ],
)
def test_any_usual_spelling_confirms(typed):
    assert is_spelling_of(typed, e164="+12125550101", country="US")


@pytest.mark.parametrize(
    ("typed", "e164", "country"),
    [
        ("020 7946 0100", "+442079460100", "GB"),
        ("0044 20 7946 0100", "+442079460100", "GB"),
        ("030 901820", "+4930901820", "DE"),
        ("(212) 555-0101", "+12125550101", "CA"),
    ],
)
def test_national_spellings_of_other_countries(typed, e164, country):
    assert is_spelling_of(typed, e164=e164, country=country)


@pytest.mark.parametrize(
    "typed",
    [
        "+12125550102",
        "2125550102",
        "+1 212-555-01",
        "RELEASE",
        "",
        "555-0101",
        "1",
        "\x01",
        "+44 212 555 0101",
        "٢١٢",
    ],
)
def test_another_number_does_not_confirm(customer, lease, typed):
    assert not is_spelling_of(typed, e164="+12125550101", country="US")
    page = ask(freshen(customer), lease, typed)
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.content.decode()
    assert fresh(lease).status == "active"


def test_what_was_typed_is_kept(customer, lease):
    html = flat(ask(customer, lease, "+1 212-555-0199", "later").content.decode())
    assert 'value="+1 212-555-0199"' in html
    assert "This is not +1 212-555-0101." in html
    assert 'value="later" checked' in html


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"typed": "x" * 9000},
        {"when": "never", "typed": "+12125550101"},
        {"when": "now", "typed": "a\x00b"},
        {"when": ["now", "later"], "typed": ""},
    ],
)
def test_nonsense_is_refused_with_the_page(customer, lease, data):
    assert customer.post(address(lease), data).status_code == 422
    assert fresh(lease).status == "active"


# -- the release ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["now", "later"])
def test_release_asks_for_a_fresh_code_first(customer, lease, when):
    page = ask(customer, lease, when=when)
    assert page.status_code == 302
    assert page.url.startswith(REAUTHENTICATE)
    assert (fresh(lease).status, fresh(lease).release_on) == ("active", None)


def test_the_way_through_the_code_ends_with_the_release(customer, lease, owner):
    """allauth keeps the refused POST and makes it again: nobody types the number twice."""
    to = ask(customer, lease).url
    device = AuthenticatorDevice.objects.get(user=owner)
    page = customer.post(to, {"code": totp(device), "next": address(lease)}, follow=True)
    assert "+1 212-555-0101 was released." in text(page)
    assert fresh(lease).status == "released"


def test_release_at_once_and_undo(customer, lease):
    page = ask(freshen(customer), lease, follow=True)
    assert "+1 212-555-0101 was released." in text(page)
    assert "You can undo this until" in text(page)
    assert 'name="friendly_name"' not in page.content.decode()
    page = customer.post(address(lease, "undo_release"), follow=True)
    assert "is yours again, with its settings" in text(page)
    assert fresh(lease).status == "active"
    page = customer.post(address(lease, "undo_release"), follow=True)
    assert "there is nothing to undo" in text(page)


def test_release_with_the_period_and_keep(customer, lease):
    end = day(fresh(lease).next_charge_on)
    page = ask(freshen(customer), lease, when="later", follow=True)
    assert f"will be released on {end}; it works until then" in text(page)
    assert "Keep the number" in text(page)
    assert f"Ends on {end}" in text(page)
    assert "already scheduled for release" in text(customer.get(address(lease)))
    page = customer.post(address(lease, "cancel_release"), follow=True)
    assert "+1 212-555-0101 is kept and will be renewed each month." in text(page)
    assert fresh(lease).release_on is None


def test_a_second_click_reads_that_it_is_done(customer, lease):
    freshen(customer)
    ask(customer, lease)
    assert "has already been released" in text(ask(customer, lease, follow=True))
    assert AuditEntry.objects.filter(action="number.released").count() == 1


def test_undo_after_its_time_is_refused_and_not_shown(customer, lease):
    release(lease, timezone.now() - timedelta(days=3, seconds=1))
    assert "Undo the release" not in text(customer.get(address(lease, "lease")))
    page = customer.post(address(lease, "undo_release"), follow=True)
    assert "can no longer be undone" in text(page)
    assert fresh(lease).status == "released"


def test_an_archived_project_can_release_and_not_undo(customer, lease):
    Project.objects.update(status="archived")
    ask(freshen(customer), lease)
    assert fresh(lease).status == "released"
    assert "Undo the release" not in text(customer.get(address(lease, "lease")))
    assert "project is archived" in text(customer.post(address(lease, "undo_release"), follow=True))


# -- the lock ---------------------------------------------------------------------------------------------------


def test_lock_at_once_unlock_with_a_fresh_code(customer, lease):
    page = customer.post(address(lease, "lock"), follow=True)
    assert "is locked: nobody can release it by mistake" in text(page)
    assert fresh(lease).locked
    assert "is locked against release" in text(ask(freshen(customer), lease, follow=True))
    assert fresh(lease).status == "active"
    assert "is unlocked and can be released" in text(customer.post(address(lease, "unlock"), follow=True))


def test_unlock_without_a_fresh_code_is_refused(customer, lease):
    lock(lease)
    assert customer.post(address(lease, "unlock")).url.startswith(REAUTHENTICATE)
    assert customer.get(address(lease, "unlock")).url == address(lease, "lease")
    assert fresh(lease).locked


# -- rights and the page of the number ---------------------------------------------------------------------------

ENDINGS = ("release", "undo_release", "cancel_release", "lock", "unlock")


@pytest.mark.parametrize("role", [Role.BILLING, Role.READ_ONLY])
def test_other_roles_can_do_none_of_it_and_do_not_see_it(client, project, lease, role):
    freshen(sign_in(client, add_member(project, role)))
    for name in ENDINGS:
        page = client.post(address(lease, name), {"typed": "+12125550101", "when": "now"})
        assert page.status_code == 403, name
    html = client.get(address(lease, "lease")).content.decode()
    assert not any(address(lease, name) in html for name in ENDINGS)
    assert (fresh(lease).status, fresh(lease).locked) == ("active", False)


def test_the_page_of_a_number_shows_its_history_and_paid_days(customer, project, lease):
    lock(lease)
    page = customer.get(address(lease, "lease"))
    words = text(page)
    for part in (
        f"Paid through {day(fresh(lease).paid_through)}",
        f"Next charge {day(fresh(lease).next_charge_on)}",
        "The portal locked +1 212-555-0101 against release",
        "The portal bought +1 212-555-0101",
        "Locked",
    ):
        assert part in words


@pytest.mark.parametrize(
    ("status", "part"), [("past_due", "and is then suspended"), ("suspended", "calls and messages do not reach it")]
)
def test_an_unpaid_number_says_what_will_become_of_it(customer, lease, status, part):
    unpaid(lease, status, since=timezone.now())
    words = text(customer.get(address(lease, "lease")))
    assert part in words
    assert f"the number is released on {day(timezone.now() + timedelta(days=30))}" in words
    assert "Add credits" in words


def test_a_released_number_says_when_others_can_have_it(customer, lease):
    releasing.end_lease(lease=lease, cause="unpaid", by=SYSTEM, now=timezone.now())
    words = text(customer.get(address(lease, "lease")))
    assert "because its renewal was not paid" in words
    assert f"It is available to other customers from {day(Number.objects.get().available_from)}" in words
    assert "Undo" not in words
