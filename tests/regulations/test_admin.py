"""Regulations in the admin site: who may, what is shown, what is refused in words, and what the history keeps."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from numbers.models import Regulation
from tests.regulations.admin_site import ADD, LIST, TYPES, filled, line, page
from tests.support.pages import text
from tests.support.people import browser_of, staff_client
from tests.support.projects import make_project
from tests.support.regulations import make_document_type, make_regulation

# -- who may ----------------------------------------------------------------------------------------------------


def test_provisioning_keeps_them_billing_looks_others_see_nothing(desk, today):
    rule, kind = make_regulation("DE"), make_document_type("bill")
    planned = make_regulation("FR", valid_from=today + timedelta(days=9))
    billing, bare = staff_client("Billing"), staff_client()
    customer = browser_of(make_project().created_by)
    pages = [LIST, page(rule), TYPES, f"{TYPES}{kind.pk}/change/"]
    changes = [ADD, f"{TYPES}add/", page(rule, "supersede"), page(planned, "delete")]
    for address in pages:
        assert desk.get(address).status_code == billing.get(address).status_code == 200, address
        assert bare.get(address).status_code == 403
        assert customer.get(address).status_code == 302
        assert Client().get(address).status_code == 302
    for address in changes:
        assert desk.get(address).status_code == 200, address
        for other in (billing, bare):
            assert other.get(address).status_code == 403, address
            assert other.post(address, filled()).status_code == 403, address
    assert "Save" not in text(billing.get(page(rule)))
    assert billing.post(page(rule), filled(rule=rule)).status_code == 403
    assert not LogEntry.objects.exists()


def test_without_the_second_factor_nobody_gets_in(client, superuser):
    client.force_login(superuser)
    for address in (LIST, ADD, page(make_regulation("DE"), "supersede"), TYPES):
        assert client.get(address).status_code == 302


# -- the list ---------------------------------------------------------------------------------------------------


@pytest.fixture
def several(today):
    later = today + timedelta(days=30)
    return {
        "de": make_regulation("DE", number_type="did", lines=("bill", "passport"), is_demo=True),
        "fr": make_regulation("FR", holder="individual", valid_from=later, summary="From summer"),
        "gb": make_regulation("GB", number_type="tollfree", valid_until=today),
        "any": make_regulation("", lines=()),
    }


def rows(response):
    assert response.status_code == 200
    return re.findall(r'<tr><td class="action-checkbox">.*?</tr>', response.content.decode(), re.DOTALL)


def listed(desk, **query):
    place = re.compile(r'<th class="field-where">(?:<[^>]+>|\s)*([\w ]+)')
    return [place.search(row)[1] for row in rows(desk.get(LIST, query))]


def test_the_list_tells_what_holds_where(desk, several, today):
    found = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows(desk.get(LIST))]
    assert found == [
        "Any country Any type A business In force 0",
        "Germany DID A business In force 2 Demo",
        f"France Any type An individual From {several['fr'].valid_from:%-d %b %Y} 1",
        f"United Kingdom Tollfree A business Ended on {today:%-d %b %Y} 1",
    ]
    assert "vendor/flags/de.svg" in desk.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"country": "DE"}, ["Germany"]),
        ({"country": "any"}, ["Any country"]),
        ({"type": "tollfree"}, ["United Kingdom"]),
        ({"type": "any"}, ["Any country", "France"]),
        ({"holder__exact": "individual"}, ["France"]),
        ({"is_demo__exact": "1"}, ["Germany"]),
        ({"standing": "in_force"}, ["Any country", "Germany"]),
        ({"standing": "planned"}, ["France"]),
        ({"standing": "ended"}, ["United Kingdom"]),
        ({"q": "germ"}, ["Germany"]),
        ({"q": "gb"}, ["United Kingdom"]),
        ({"q": "Passport"}, ["Germany"]),
        ({"q": "summer"}, ["France"]),
        ({"q": "nowhere"}, []),
        ({"q": "passport", "country": "FR"}, []),
    ],
)
def test_filters_and_search(desk, several, query, found):
    assert listed(desk, **query) == found


@pytest.mark.parametrize(
    "query",
    [
        {"country": "QQ"},
        {"country": "%00"},
        {"type": "x" * 999},
        {"standing": "'"},
        {"q": "\x00"},
        {"q": "%_\\"},
        {"holder__exact": "church"},
        {"p": "9" * 30},
        {"o": "x.1"},
        {"is_demo__exact": "maybe"},
        {"q": "x" * 5000},
    ],
)
def test_odd_addresses_do_no_harm(desk, several, query):
    assert desk.get(LIST, query).status_code in (200, 302, 400)


def test_the_list_costs_the_same_however_long_it_is(desk, django_assert_max_num_queries):
    for country in ("DE", "FR", "GB", "ES", "IT", "NL", "BE", "PL", "CZ", "AT", "CH", "DK"):
        make_regulation(country, lines=("bill", "passport"))
    desk.get("/admin/")  # the first page of a session notes where it began
    with django_assert_max_num_queries(15):
        assert len(rows(desk.get(LIST))) == 12
    with django_assert_max_num_queries(13):
        assert len(rows(desk.get(TYPES))) == 2


# -- saving -----------------------------------------------------------------------------------------------------


def test_a_regulation_with_its_lines_is_added(desk):
    answer = desk.post(ADD, filled(line(title="Proof", count=2, address_scope="city"), line(title="Second")))
    assert answer.status_code == 302, text(answer)
    rule = Regulation.objects.get()
    assert (rule.country, rule.number_type, rule.holder, rule.valid_from) == ("DE", "did", "business", date(2026, 1, 1))
    assert [(each.title, each.count, each.address_scope) for each in rule.requirements.all()] == [
        ("Proof", 2, "city"),
        ("Second", 1, "none"),
    ]
    assert LogEntry.objects.get().is_addition()
