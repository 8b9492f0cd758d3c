"""One act on many numbers: each with its own result, none half done."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.console.purchased import bulk
from numbers.leases import releasing, services
from numbers.models import Lease
from portal.accounts.models import AuthenticatorDevice
from projects.actor import SYSTEM
from projects.models import AuditEntry, Role
from tests.leases.data import buy, release, unpaid
from tests.support.leases import fresh
from tests.support.pages import text
from tests.support.people import freshen, sign_in, totp
from tests.support.projects import add_member, make_project

pytestmark = pytest.mark.django_db
REAUTHENTICATE = "/accounts/2fa/reauthenticate/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def leases(project):
    now = timezone.now() - timedelta(days=3)
    return [buy(project, f"+1212555010{n}", now=now) for n in range(4)]


def url(project, name="bulk"):
    return reverse(f"numbers:{name}", args=[project.pid])


def ids(leases):
    return [lease.pk for lease in leases]


def act(customer, project, action, leases, **extra):
    headers = extra.pop("headers", {})
    return customer.post(url(project), {"action": action, "lease": ids(leases)} | extra, headers=headers)


def outcomes(page):
    """(number, outcome) of each row of a result."""
    html = page.content.decode()
    return re.findall(r'data-outcome="([^"]+)">\s*<td>(?:<a[^>]*>)?([^<]+)', html)


def give_up(customer, project, leases, typed, when="now", **extra):
    return customer.post(url(project, "bulk_release"), {"lease": ids(leases), "typed": typed, "when": when}, **extra)


def lock(lease):
    releasing.set_lock(lease=lease, locked=True, by=SYSTEM, now=timezone.now())


# -- tags and lock ----------------------------------------------------------------------------------------------


def test_tag_many_with_a_result_for_each(customer, project, leases):
    services.set_tags(lease=leases[1], tags=["vip"], by=SYSTEM, now=timezone.now())
    services.set_tags(lease=leases[2], tags=[str(n) for n in range(10)], by=SYSTEM, now=timezone.now())
    release(leases[3], timezone.now())
    page = act(customer, project, "tag", leases, tag=" VIP ")
    assert outcomes(page) == [
        ("done", "+1 212-555-0100"),
        ("done", "+1 212-555-0101"),
        ("too_many_tags", "+1 212-555-0102"),
        ("lease_ended", "+1 212-555-0103"),
    ]
    for words in (
        "Add the tag “vip”",
        "2 of 4 done",
        "Tagged.",
        "Already had this tag.",
        "at most 10 tags",
        "has already been released",
    ):
        assert words in text(page)
    assert [fresh(lease).tags for lease in leases[:2]] == [["vip"], ["vip"]]
    page = act(customer, project, "untag", leases[:3], tag="vip")
    assert "3 of 3 done" in text(page)
    assert "Did not have this tag." in text(page)
    assert fresh(leases[0]).tags == []


def test_lock_many(customer, project, leases):
    release(leases[1], timezone.now(), at_period_end=True)
    page = act(customer, project, "lock", leases)
    assert [outcome for outcome, _ in outcomes(page)] == ["done", "release_scheduled", "done", "done"]
    assert [fresh(lease).locked for lease in leases] == [True, False, True, True]


def test_in_a_dialog_the_list_behind_it_looks_again(customer, project, leases):
    page = act(customer, project, "tag", leases, tag="a", headers=HTMX)
    assert page.headers["HX-Trigger"] == "numbers:changed"
    assert "<html" not in page.content.decode()
    assert len(outcomes(page)) == 4


def test_the_result_leads_back_to_the_filtered_list(customer, project, leases):
    page = act(customer, project, "tag", leases, tag="a", filters="status=active&q=212&evil=%22%3E&country=XX")
    assert f'href="{url(project, "purchased")}?q=212&amp;status=active"' in page.content.decode()
    assert "evil" not in page.content.decode()


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
    page = give_up(freshen(customer), project, leases, typed)
    assert outcomes(page) == [
        ("number_locked", "+1 212-555-0100"),
        ("lease_ended", "+1 212-555-0101"),
        ("done", "+1 212-555-0102"),
        ("done", "+1 212-555-0103"),
    ]
    assert "2 of 4 done" in text(page)
    assert [fresh(lease).status for lease in leases] == ["active", "released", "released", "released"]


def test_release_many_at_the_end_of_their_months(customer, project, leases):
    unpaid(leases[0], since=timezone.now())
    page = give_up(freshen(customer), project, leases, "4", "later")
    assert [outcome for outcome, _ in outcomes(page)] == ["period_over", "done", "done", "done"]
    end = leases[1].next_charge_on
    assert f"Ends on {end.day} {end:%B %Y}." in text(page)
    assert [fresh(lease).release_on for lease in leases] == [None, end, end, end]


def test_release_of_many_needs_a_fresh_code_and_then_goes_on(customer, project, leases, owner):
    page = give_up(customer, project, leases, "4")
    assert page.url.startswith(REAUTHENTICATE)
    assert not Lease.objects.filter(status="released").exists()
    device = AuthenticatorDevice.objects.get(user=owner)
    page = customer.post(page.url, {"code": totp(device), "next": url(project, "bulk_release")}, follow=True)
    assert "4 of 4 done" in text(page)
    assert Lease.objects.filter(status="released").count() == 4


@pytest.mark.parametrize("typed", ["RELEASE 3 NUMBERS", "3", "", "yes", "RELEASE", "4 numbers", "x" * 5000])
def test_a_wrong_confirmation_releases_nothing_and_is_said_beside_the_field(customer, project, leases, typed):
    page = give_up(freshen(customer), project, leases, typed)
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.content.decode()
    assert not Lease.objects.filter(status="released").exists()


def test_a_selection_of_one_is_spelled_in_the_singular(customer, project, leases):
    page = customer.get(url(project, "bulk_release"), {"lease": leases[0].pk})
    assert "Type RELEASE 1 NUMBER to confirm" in text(page)
    assert "1 of 1 done" in text(give_up(freshen(customer), project, leases[:1], "RELEASE 1 NUMBER"))


def test_a_second_click_releases_nothing_twice(customer, project, leases):
    freshen(customer)
    give_up(customer, project, leases, "4")
    page = give_up(customer, project, leases, "4")
    assert {outcome for outcome, _ in outcomes(page)} == {"lease_ended"}
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
        give_up(freshen(customer), project, leases, "4")
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
    assert [outcome for outcome, _ in outcomes(page)] == ["done", "not_found"]
    assert "0177" not in text(page)
    page = give_up(freshen(customer), project, [theirs], "1")
    assert [outcome for outcome, _ in outcomes(page)] == ["not_found"]
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
    assert give_up(client, project, leases, "4").status_code == 403
    html = client.get(url(project, "purchased")).content.decode()
    assert 'name="lease"' not in html
    assert "Export CSV" in html
