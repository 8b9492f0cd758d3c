"""Releasing and unlocking many numbers: each with its own result."""

import re

import pytest
from django.utils import timezone

from numbers.console.purchased import bulk
from numbers.leases import releasing
from numbers.models import Lease
from portal.accounts.models import AuthenticatorDevice
from projects.actor import SYSTEM
from projects.models import AuditEntry, Role
from tests.leases.bulk import HTMX, act, ids, results, url
from tests.leases.data import buy, release, unpaid
from tests.support.leases import fresh
from tests.support.pages import text
from tests.support.people import freshen, sign_in, totp
from tests.support.projects import add_member, make_project

pytestmark = pytest.mark.django_db


REAUTHENTICATE = "/accounts/2fa/reauthenticate/"


def release_all(customer, project, leases, typed, when="now", **extra):
    return customer.post(url(project, "bulk_release"), {"lease": ids(leases), "typed": typed, "when": when}, **extra)


def lock(lease):
    releasing.set_lock(lease=lease, locked=True, by=SYSTEM, now=timezone.now())


# -- release ----------------------------------------------------------------------------------------------------


def test_release_leads_to_a_confirmation_that_lists_them(customer, project, leases):
    lock(leases[0])
    release(leases[1], timezone.now())
    page = act(customer, project, "release", leases)
    assert page.status_code == 302
    assert page.url.startswith(url(project, "bulk_release") + "?lease=")
    assert "csrf" not in page.url
    page = customer.get(page.url)
    words = text(page)
    for part in (
        "Release 2 numbers?",
        "Locked: unlock it first",
        "Already released",
        "Type RELEASE 2 NUMBERS to confirm",
    ):
        assert part in words
    named = re.findall(r'name="lease" value="(\d+)"', page.content.decode())
    assert named == [str(pk) for pk in ids(leases[2:])]
    dialog = act(customer, project, "release", leases, headers=HTMX)
    assert 'id="modal-title"' in dialog.content.decode()


@pytest.mark.parametrize("typed", ["RELEASE 4 NUMBERS", " release  4 numbers ", "4"])
def test_release_many_at_once_with_a_result_for_each(customer, project, leases, typed):
    lock(leases[0])
    release(leases[1], timezone.now())
    page = release_all(freshen(customer), project, leases, typed)
    assert results(page) == [
        ("number_locked", "+1 212-555-0100"),
        ("lease_ended", "+1 212-555-0101"),
        ("done", "+1 212-555-0102"),
        ("done", "+1 212-555-0103"),
    ]
    assert "2 of 4 done" in text(page)
    assert [fresh(lease).status for lease in leases] == ["active", "released", "released", "released"]


def test_release_many_at_the_end_of_their_months(customer, project, leases):
    unpaid(leases[0], since=timezone.now())
    page = release_all(freshen(customer), project, leases, "4", "later")
    assert [result for result, _ in results(page)] == ["period_over", "done", "done", "done"]
    end = leases[1].next_charge_on
    assert f"Ends on {end.day} {end:%B %Y}." in text(page)
    assert [fresh(lease).release_on for lease in leases] == [None, end, end, end]


def test_release_of_many_needs_a_fresh_code_and_then_goes_on(customer, project, leases, owner):
    page = release_all(customer, project, leases, "4")
    assert page.url.startswith(REAUTHENTICATE)
    assert not Lease.objects.filter(status="released").exists()
    device = AuthenticatorDevice.objects.get(user=owner)
    page = customer.post(page.url, {"code": totp(device), "next": url(project, "bulk_release")}, follow=True)
    assert "4 of 4 done" in text(page)
    assert Lease.objects.filter(status="released").count() == 4


@pytest.mark.parametrize("typed", ["RELEASE 3 NUMBERS", "3", "", "yes", "RELEASE", "4 numbers", "x" * 5000])
def test_a_wrong_confirmation_releases_nothing_and_is_said_beside_the_field(customer, project, leases, typed):
    page = release_all(freshen(customer), project, leases, typed)
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.content.decode()
    assert not Lease.objects.filter(status="released").exists()


def test_a_selection_of_one_is_spelled_in_the_singular(customer, project, leases):
    page = customer.get(url(project, "bulk_release"), {"lease": leases[0].pk})
    assert "Type RELEASE 1 NUMBER to confirm" in text(page)
    assert "1 of 1 done" in text(release_all(freshen(customer), project, leases[:1], "RELEASE 1 NUMBER"))


def test_a_second_click_releases_nothing_twice(customer, project, leases):
    freshen(customer)
    release_all(customer, project, leases, "4")
    page = release_all(customer, project, leases, "4")
    assert {result for result, _ in results(page)} == {"lease_ended"}
    assert AuditEntry.objects.filter(action="number.released").count() == 4


def test_a_failure_in_the_middle_leaves_each_number_whole(customer, project, leases, monkeypatch):
    """The third one breaks: the first two are released, it is untouched, and the rest is not begun."""
    from numbers.leases import quarantine

    whole, asked = quarantine.ends_at, []

    def breaks(country, released_at):
        asked.append(country)
        if len(asked) == 3:
            raise RuntimeError("the machine went away")
        return whole(country, released_at)

    monkeypatch.setattr(quarantine, "ends_at", breaks)
    with pytest.raises(RuntimeError):
        release_all(freshen(customer), project, leases, "4")
    assert [fresh(lease).status for lease in leases] == ["released", "released", "active", "active"]
    assert [fresh(lease).number.status for lease in leases] == ["quarantined", "quarantined", "leased", "leased"]


# -- unlock -----------------------------------------------------------------------------------------------------


def test_unlock_many_asks_first_and_needs_a_fresh_code(customer, project, leases):
    for lease in leases[:2]:
        lock(lease)
    page = customer.get(act(customer, project, "unlock", leases).url)
    assert "Unlock 2 numbers?" in text(page)
    assert "Not locked" in text(page)
    page = customer.post(url(project, "bulk_unlock"), {"lease": ids(leases[:2])})
    assert page.url.startswith(REAUTHENTICATE)
    assert fresh(leases[0]).locked
    page = freshen(customer).post(url(project, "bulk_unlock"), {"lease": ids(leases[:2])})
    assert "2 of 2 done" in text(page)
    assert not Lease.objects.filter(locked=True).exists()


# -- what may be selected ---------------------------------------------------------------------------------------


def test_numbers_of_others_are_not_there(customer, project, leases):
    theirs = buy(make_project(), "+12125550177", setup_price=0, monthly_price=0)
    page = act(customer, project, "tag", [leases[0], theirs], tag="mine")
    assert [result for result, _ in results(page)] == ["done", "not_found"]
    assert "0177" not in text(page)
    page = release_all(freshen(customer), project, [theirs], "1")
    assert [result for result, _ in results(page)] == ["not_found"]
    assert (fresh(theirs).status, fresh(theirs).tags) == ("active", [])
    page = customer.get(url(project, "bulk_release"), {"lease": theirs.pk})
    assert "0177" not in text(page)
    assert "None of these numbers can be released now." in text(page)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"action": "tag", "tag": "x"}, "Select at least one number"),
        ({"action": "tag", "tag": "x", "lease": ["0"]}, "Select at least one number"),
        ({"action": "tag", "tag": "x", "lease": ["1", "x"]}, "Select numbers from the list"),
        ({"action": "tag", "tag": "x", "lease": ["9" * 30]}, "Select numbers from the list"),
        ({"action": "tag", "tag": "x", "lease": ["٣"]}, "Select numbers from the list"),
        ({"action": "tag", "tag": "x", "lease": ["1\x00"]}, "Select numbers from the list"),
        ({"action": "tag", "tag": "x", "lease": [str(n) for n in range(1, 102)]}, "At most 100 numbers at once"),
        ({"action": "tag", "tag": "", "lease": ["1"]}, "Write a tag"),
        ({"action": "untag", "tag": "a,b", "lease": ["1"]}, "no commas"),
        ({"action": "tag", "tag": "x" * 999, "lease": ["1"]}, "at most 320 characters"),
        ({"action": "sell", "lease": ["1"]}, "Choose what to do"),
        ({"lease": ["1"]}, "Choose what to do"),
        ({}, "Select at least one number"),
    ],
)
def test_a_selection_that_makes_no_sense_is_explained(customer, project, data, words):
    page = customer.post(url(project), data)
    assert page.status_code == 422
    assert words in text(page)
    fragment = customer.post(url(project), data, headers=HTMX)
    assert fragment.headers["HX-Retarget"] == "#toasts"


@pytest.mark.parametrize("name", ["bulk_release", "bulk_unlock"])
@pytest.mark.parametrize(
    "data", [{"lease": "x"}, {"lease": ["1"] * 2 + ["-1"]}, {"lease": [str(n) for n in range(1, 102)]}]
)
def test_so_is_one_in_an_address(customer, project, name, data):
    freshen(customer)
    assert customer.get(url(project, name), data).status_code == 422
    assert customer.post(url(project, name), data).status_code == 422


def test_a_hundred_numbers_at_once(customer, project):
    many = [buy(project, f"+1212555{n:04d}", setup_price=0, monthly_price=0) for n in range(1000, 1100)]
    page = act(customer, project, "tag", many, tag="x")
    assert "100 of 100 done" in text(page)
    assert bulk.LIMIT == 100
    assert Lease.objects.filter(tags=["x"]).count() == 100


@pytest.mark.parametrize("role", [Role.BILLING, Role.READ_ONLY])
def test_other_roles_select_nothing(client, project, leases, role):
    freshen(sign_in(client, add_member(project, role)))
    assert act(client, project, "tag", leases, tag="x").status_code == 403
    assert release_all(client, project, leases, "4").status_code == 403
    html = client.get(url(project, "purchased")).content.decode()
    assert 'name="lease"' not in html
    assert "Export CSV" in html
