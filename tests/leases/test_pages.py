"""Purchased Numbers, the page of one number, and the overview of a month."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from numbers.console.purchased import listing
from numbers.inventory.lifecycle import transition as move_number
from numbers.leases.lifecycle import transition as move_lease
from numbers.models import CallRoute, Lease
from projects.models import AuditEntry
from tests.support import purchases
from tests.support.inventory import LONDON
from tests.support.pages import flat, text
from tests.support.people import sign_in
from tests.support.projects import make_project
from tests.support.purchases import buy
from tests.support.queries import query_count


def release(lease, now):
    move_lease(lease, "released", now=now)
    move_number(lease.number, "quarantined")


# -- Purchased Numbers ------------------------------------------------------------------------------------------


def listed(customer, project, **query):
    page = customer.get(reverse("numbers:purchased", args=[project.pid]), query)
    assert page.status_code == 200
    return re.findall(r'<tr id="lease-\d+".*?class="phone-number"[^>]*>([^<]+)', flat(page.content.decode()), re.DOTALL)


def test_list_shows_the_projects_numbers_newest_first(customer, project, other_project):
    first, second = buy(project, "+12125550101"), buy(project, "+13105550102", city="Los Angeles")
    Lease.objects.filter(pk=first.pk).update(friendly_name="Support line")
    CallRoute.objects.create(lease=second, kind="pstn", pstn_target="+442079460018")
    purchases.order(project, "+442079460100", **LONDON)
    buy(other_project, "+12125550199", setup_price=0, monthly_price=0)

    assert listed(customer, project) == ["+1 310-555-0102", "+1 212-555-0101"]
    words = text(customer.get(reverse("numbers:purchased", args=[project.pid])))
    for part in (
        "2 numbers · 4.00 USD per month · 1 ordered",
        "Support line",
        "Los Angeles",
        "PSTN",
        "+44 20 7946 0018",
        "Not set",
        "In review",
        "+44 20 7946 0100",
        "you don’t need to do anything",
    ):
        assert part in words


def test_empty_list_leads_to_the_search(customer, project):
    page = customer.get(reverse("numbers:purchased", args=[project.pid]))
    assert "No numbers yet" in text(page)
    assert f'href="/projects/{project.pid}/numbers/buy/"' in page.content.decode()


def test_search_by_digits_and_name_and_status(customer, project):
    one, two = buy(project, "+12125550101"), buy(project, "+13105550102")
    Lease.objects.filter(pk=one.pk).update(friendly_name="Support +line 100%")
    assert listed(customer, project, q="310 555") == ["+1 310-555-0102"]
    assert listed(customer, project, q="(212) 555-0101") == ["+1 212-555-0101"]
    assert listed(customer, project, q="support") == ["+1 212-555-0101"]
    assert listed(customer, project, q="100%") == ["+1 212-555-0101"]
    assert listed(customer, project, q="nothing") == []
    release(two, timezone.now())
    assert listed(customer, project) == ["+1 212-555-0101"]
    assert listed(customer, project, status="released") == ["+1 310-555-0102"]
    assert listed(customer, project, q="212", status="released") == []


def test_pages_by_keyset_show_every_number_once(customer, project):
    made = [buy(project, f"+1212555{n:04d}") for n in range(listing.PAGE_SIZE * 2 + 1)]
    seen, before = [], None
    for _ in range(3):
        page = listing.listing(project, before=before)
        seen += [lease.pk for lease in page.leases]
        before = page.next_before
    assert before is None
    assert seen == [lease.pk for lease in reversed(made)]
    first = flat(customer.get(reverse("numbers:purchased", args=[project.pid])).content.decode())
    following = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert len(listed(customer, project, before=following.rsplit("=", 1)[1])) == listing.PAGE_SIZE


@pytest.mark.parametrize(
    "query",
    [
        {"before": "0"},
        {"before": "x"},
        {"before": "9" * 40},
        {"before": "-5"},
        {"status": "sold"},
        {"q": "x" * 5000},
        {"new": "9" * 30},
        {"q": "\x01"},
        {"q": "\U0001f600 <b>"},
        {"q": "%_\\"},
        {"q": "٣"},
    ],
)
def test_nonsense_in_the_address_breaks_nothing(customer, project, query):
    buy(project)
    page = customer.get(reverse("numbers:purchased", args=[project.pid]), query)
    assert page.status_code == (422 if page.context["form"].errors else 200)
    assert "<b>" not in page.content.decode()


def test_filter_that_makes_no_sense_is_said_beside_it(customer, project):
    page = customer.get(reverse("numbers:purchased", args=[project.pid]), {"status": "sold"})
    assert page.status_code == 422
    assert "Status: Select a valid choice" in text(page)


def test_list_as_a_fragment(customer, project):
    buy(project)
    page = customer.get(
        reverse("numbers:purchased", args=[project.pid]), headers={"HX-Request": "true", "HX-Target": "purchased-list"}
    )
    assert page.templates[0].name == "numbers/purchased/_purchased_list.html"


@pytest.mark.parametrize("name", ["numbers:purchased", "numbers:overview"])
def test_as_many_queries_for_many_numbers_as_for_one(customer, project, name):
    url = reverse(name, args=[project.pid])
    customer.get("/projects/")  # the first request of a session records the session
    CallRoute.objects.create(lease=buy(project), kind="pstn", pstn_target="+442079460018")
    few = query_count(customer, url)
    assert few <= 10
    for _ in range(20):
        CallRoute.objects.create(lease=buy(project), kind="pstn", pstn_target="+442079460018")
    assert query_count(customer, url) <= few


@pytest.mark.parametrize("name", ["numbers:purchased", "numbers:overview"])
def test_pages_of_another_project_do_not_exist(client, project, name, stranger):
    assert sign_in(client, stranger).get(reverse(name, args=[project.pid])).status_code == 404


# -- one number -------------------------------------------------------------------------------------------------


def test_number_page_shows_facts_route_and_charges(customer, project):
    lease = buy(project, "+12125550101")
    url = reverse("numbers:lease", args=[project.pid, lease.pk])
    words = text(customer.get(url))
    assert query_count(customer, url) <= 10
    day = date_format(lease.started_at, "j M Y")
    for part in (
        "+1 212-555-0101",
        "New York, New York, United States",
        "Incoming calls",
        "Set Number",
        f"Setup of +1 212-555-0101 {day} 1.00 USD",
        f"First month of +1 212-555-0101 {day} 2.00 USD",
        "Next charge",
    ):
        assert part in words


def test_number_of_another_project_does_not_exist(client, project):
    lease, other = buy(project), make_project()
    stranger = sign_in(client, other.created_by)
    for pid in (project.pid, other.pid):
        assert stranger.get(reverse("numbers:lease", args=[pid, lease.pk])).status_code == 404
        assert stranger.post(reverse("numbers:rename", args=[pid, lease.pk]), {"friendly_name": "x"}).status_code == 404
    assert stranger.get(f"/projects/{other.pid}/numbers/purchased/{10**30}/").status_code == 404


def test_released_number_keeps_its_page_without_settings(customer, project):
    lease = buy(project)
    release(lease, timezone.now())
    page = customer.get(reverse("numbers:lease", args=[project.pid, lease.pk]))
    assert "This number was released on" in text(page)
    assert "Set Number" not in text(page)
    rename = reverse("numbers:rename", args=[project.pid, lease.pk])
    renamed = customer.post(rename, {"friendly_name": "x"}, follow=True)
    assert "can no longer be configured" in text(renamed)


def test_friendly_name_is_saved_and_audited(customer, project):
    lease = buy(project)
    url = reverse("numbers:rename", args=[project.pid, lease.pk])
    page = customer.post(url, {"friendly_name": "  Línea de soporte 😀 "}, follow=True)
    assert "Saved as “Línea de soporte 😀”." in text(page)
    customer.post(url, {"friendly_name": "Línea de soporte 😀"})
    customer.post(url, {"friendly_name": ""})
    lease.refresh_from_db()
    assert lease.friendly_name == ""
    entries = AuditEntry.objects.filter(action="number.renamed").order_by("id")
    assert [entry.data["after"] for entry in entries] == ["Línea de soporte 😀", ""]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x" * 65, "at most 64 characters"),
        ("a\x07b", "control characters"),
        ("a\nb", "control characters"),
        ("a\x00b", "Null characters are not allowed"),
        ("\u2028".join("ab"), "control characters"),
    ],
)
def test_bad_friendly_name_is_said_beside_the_field_and_kept(customer, project, name, words):
    lease = buy(project)
    page = customer.post(reverse("numbers:rename", args=[project.pid, lease.pk]), {"friendly_name": name})
    assert page.status_code == 422
    assert words in text(page)
    assert 'aria-invalid="true"' in page.content.decode()
    lease.refresh_from_db()
    assert lease.friendly_name == ""


def test_reader_sees_but_does_not_change(client, project, reader):
    lease = buy(project)
    reader = sign_in(client, reader)
    page = reader.get(reverse("numbers:lease", args=[project.pid, lease.pk]))
    assert "Save name" not in text(page)
    assert (
        reader.post(reverse("numbers:rename", args=[project.pid, lease.pk]), {"friendly_name": "x"}).status_code == 403
    )
