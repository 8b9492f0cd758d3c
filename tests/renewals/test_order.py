"""The customer's order: its service and its page."""

import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from numbers.leases.releasing import release
from numbers.models import Lease
from numbers.renewals import queries
from numbers.renewals.charging import charge_months
from numbers.renewals.services import Move, move, place
from portal.shell import activity
from projects import services
from projects.actor import SYSTEM
from projects.models import AuditEntry, Role
from tests.renewals.data import at, buy
from tests.support.pages import flat, text
from tests.support.people import sign_in
from tests.support.projects import add_member, fund, make_project
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db
NOW = at("2027-02-10")


@pytest.fixture
def starting_credit():
    return "10"


@pytest.fixture
def leases(project):
    return [buy(project) for _ in range(4)]


def order(project, leases):
    """Places in the renewal order as letters: the first lease is "a"."""
    names = {lease.pk: "abcdefgh"[n] for n, lease in enumerate(leases)}
    return "".join(names[pk] for pk in queries.in_order(project).values_list("pk", flat=True))


def step(lease, to):
    return move(lease=lease, to=to, by=SYSTEM, now=NOW)


# -- the service ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "to", "expected", "at_place"),
    [
        (0, "up", "abcd", 1),
        (1, "up", "bacd", 1),
        (3, "up", "abdc", 3),
        (3, "down", "abcd", 4),
        (0, "down", "bacd", 2),
        (2, "top", "cabd", 1),
        (0, "top", "abcd", 1),
        (1, "bottom", "acdb", 4),
        (3, "bottom", "abcd", 4),
    ],
)
def test_steps(project, leases, who, to, expected, at_place):
    assert step(leases[who], Move(to)) == at_place
    assert order(project, leases) == expected


@pytest.mark.parametrize(
    ("who", "where", "expected", "at_place"),
    [(0, 3, "bcad", 3), (3, 1, "dabc", 1), (1, 99, "acdb", 4), (1, 2, "abcd", 2), (2, -5, "cabd", 1)],
)
def test_places(project, leases, who, where, expected, at_place):
    assert place(lease=leases[who], place=where, by=SYSTEM, now=NOW) == at_place
    assert order(project, leases) == expected


def test_many_steps_keep_one_dense_order(project, leases):
    for who, to in [(2, "top"), (0, "bottom"), (3, "up"), (1, "down"), (2, "down"), (0, "top")]:
        step(leases[who], Move(to))
    assert sorted(Lease.objects.filter(project=project).values_list("renewal_rank", flat=True)) == [-4, -3, -2, -1]
    assert len(set(order(project, leases))) == 4


def test_a_later_number_comes_last_even_after_one_at_the_bottom(project, leases):
    step(leases[0], Move.BOTTOM)
    leases.append(buy(project))
    assert order(project, leases) == "bcdae"
    step(leases[4], Move.TOP)
    assert order(project, leases) == "ebcda"


def test_a_move_is_recorded_and_no_move_is_not(project, leases):
    step(leases[2], Move.TOP)
    step(leases[2], Move.TOP)
    entry = AuditEntry.objects.get(action="renewal.moved")
    assert (entry.subject, entry.data) == (
        leases[2].number.e164,
        {"lease": leases[2].pk, "before": 3, "place": 1, "of": 4},
    )
    assert activity.line(entry).words.endswith("to place 1 of the renewal order")


def test_the_order_counts_at_the_next_charge():
    other = make_project(credit="4")
    theirs = [buy(other) for _ in range(3)]
    step(theirs[2], Move.TOP)
    fund(other, "0.5")
    charge_months(now=at("2027-02-28"))
    assert [Lease.objects.get(pk=lease.pk).status for lease in theirs] == ["active", "past_due", "active"]


def test_refusals(project, leases):
    release(lease=leases[0], at_period_end=False, by=SYSTEM, now=NOW)
    refused("lease_ended", step, leases[0], Move.TOP)
    services.archive_project(project=project, typed_name=project.name, by=SYSTEM)
    refused("project_archived", step, leases[1], Move.TOP)
    assert order(project, leases) == "bcd"


# -- the page ------------------------------------------------------------------------------------------------------


def address(project, **query):
    return reverse("numbers:renewals", args=[project.pid]) + ("?" + urlencode(query) if query else "")


def post(client, lease, **data):
    headers = data.pop("headers", {})
    return client.post(reverse("numbers:renewal_move", args=[lease.project.pid, lease.pk]), data, headers=headers)


def shown(response):
    return re.findall(r'<li class="renewal-row[^>]*id="renewal-(\d+)" value="(\d+)"', flat(response.content.decode()))


def test_page_lists_in_order_with_price_and_day(customer, project, leases):
    step(leases[3], Move.TOP)
    page = customer.get(address(project))
    assert shown(page) == [(str(leases[n].pk), str(place)) for place, n in enumerate([3, 0, 1, 2], 1)]
    words = text(page)
    for expected in ("next renewal 28 Feb 2027", "2.00 USD", "4 numbers", "New numbers are added at the end"):
        assert expected in words
    assert 'aria-current="page">' in page.content.decode()


def test_a_button_moves_and_comes_back_to_the_number(customer, project, leases):
    response = post(customer, leases[2], to="top")
    assert response.status_code == 302
    page = customer.get(response.url)
    assert shown(page)[0][0] == str(leases[2].pk)
    assert "is now number 1 in the renewal order" in text(page)
    body = page.content.decode()
    # its own button is at an end now, so the keyboard goes on with the one that is left
    assert re.search(rf'id="down-{leases[2].pk}"[^>]*autofocus', body)
    assert re.search(rf'id="top-{leases[2].pk}"[^>]*disabled', body)


def test_with_htmx_the_list_is_swapped(customer, project, leases):
    response = post(customer, leases[0], to="down", headers={"HX-Request": "true"})
    assert response.status_code == 200
    body = response.content.decode()
    assert "<html" not in body
    assert re.search(rf'id="down-{leases[0].pk}"[^>]*autofocus', body)
    assert 'hx-swap-oob="innerHTML"' in body
    assert shown(response)[1] == (str(leases[0].pk), "2")


def test_dragging_gives_a_place(customer, project, leases):
    assert post(customer, leases[0], place="3").status_code == 302
    assert order(project, leases) == "bcad"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"to": ""},
        {"to": "sideways"},
        {"to": "\x00"},
        {"place": "0"},
        {"place": "-1"},
        {"place": "x"},
        {"place": "9" * 40},
        {"place": "2", "to": "up"},
        {"to": ["up", "down"], "place": "²"},
    ],
)
def test_nonsense_is_refused(customer, project, leases, data):
    response = post(customer, leases[1], **data)
    assert response.status_code == 422
    assert order(project, leases) == "abcd"


@pytest.mark.parametrize(
    "query",
    [
        {"page": "x"},
        {"page": "0"},
        {"page": "-3"},
        {"page": "9" * 30},
        {"moved": "9" * 30},
        {"moved": "x", "by": "y"},
        {"page": "²"},
        {"page": "999"},
    ],
)
def test_odd_addresses_show_a_page(customer, project, leases, query):
    assert len(shown(customer.get(address(project, **query)))) == 4


def test_another_projects_number_is_not_found(customer, project, leases):
    other = make_project(credit="10")
    theirs = buy(other)
    address = reverse("numbers:renewal_move", args=[project.pid, theirs.pk])
    assert customer.post(address, {"to": "top"}).status_code == 404
    assert customer.post(address.replace(str(theirs.pk), "9" * 30), {"to": "top"}).status_code == 404


def test_who_may_only_look_has_no_buttons(client, project, leases):
    sign_in(client, add_member(project, Role.BILLING))
    page = client.get(address(project))
    assert len(shown(page)) == 4
    assert "renewal-moves" not in page.content.decode()
    assert post(client, leases[1], to="top").status_code == 403


def test_an_archived_project_can_be_looked_at(customer, project, leases):
    services.archive_project(project=project, typed_name=project.name, by=SYSTEM)
    assert "renewal-moves" not in customer.get(address(project)).content.decode()
    response = post(customer, leases[1], to="top")
    assert response.status_code == 409


def test_empty_project_has_a_next_step(customer, project):
    assert "Numbers you buy are listed here" in text(customer.get(address(project)))


def test_pages(customer, project, leases, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_SIZE", 3)
    first = customer.get(address(project))
    assert [place for _, place in shown(first)] == ["1", "2", "3"]
    assert "1 to 3 of 4" in text(first)
    assert shown(customer.get(address(project, page=2))) == [(str(leases[3].pk), "4")]
    response = post(customer, leases[0], to="bottom")
    assert "page=2" in response.url
    assert shown(customer.get(response.url)) == [(str(leases[0].pk), "4")]


def test_page_costs_the_same_for_few_and_for_many(customer, project, leases, django_assert_max_num_queries):
    customer.get(address(project))
    with django_assert_max_num_queries(10) as few:
        assert customer.get(address(project)).status_code == 200
    for _ in range(12):
        buy(project)
    with django_assert_max_num_queries(10) as many:
        assert customer.get(address(project)).status_code == 200
    assert len(few) == len(many)


def test_names_are_escaped(customer, project, leases):
    Lease.objects.filter(pk=leases[0].pk).update(friendly_name="<b>Bold</b>")
    assert "<b>Bold" not in customer.get(address(project)).content.decode()


def test_what_is_unpaid_is_said_with_the_way_out(customer, project, owner, settings, time_machine):
    settings.SUSPEND_AFTER_DAYS, settings.RELEASE_AFTER_DAYS = 10, 30
    poor = make_project(owner)
    lease = buy(poor)
    charge_months(now=at("2027-02-28"))
    time_machine.move_to(at("2027-03-01"))
    page = customer.get(address(poor))
    words = text(page)
    for expected in (
        "is not paid.",
        "It will be suspended on 10 March 2027.",
        "released on 30 March 2027",
        "Add credits: 2.00 USD",
        "Not enough credit",
        "You need 2.00 USD more for what is due now",
    ):
        assert expected in words
    assert f"/projects/{poor.pid}/credits/?amount=2.00#add" in page.content.decode()
    assert lease.pk
