"""Numbers › Buy a new Number, by its addresses."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numbers.inventory import patterns, stats
from numbers.inventory.patterns import Pattern
from projects import services
from projects.actor import SYSTEM
from projects.models import Role
from tests.support.inventory import make_number
from tests.support.pages import flat
from tests.support.people import sign_in
from tests.support.projects import add_member

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def search_page(client, project):
    sign_in(client, project.created_by)

    def get(params="", name="search", **headers):
        return client.get(reverse(f"numbers:{name}", args=[project.pid]) + params, headers=headers)

    return get


def numbers_of(response):
    text = re.sub(r"</?mark>", "", flat(response.content.decode()))
    return re.findall(r'class="phone-number">([^<]*)<', text)


def test_the_page_lists_numbers_of_the_united_states_first(search_page, catalogue):
    response = search_page()
    assert response.status_code == 200
    assert len(numbers_of(response)) == 20
    assert all(number.startswith("+1 ") for number in numbers_of(response))
    assert '<option value="US"' in flat(response.content.decode())


def test_a_row_shows_what_a_buyer_needs(search_page, project):
    number = make_number("+12125552255", setup_price="1.5", monthly_price="2.25", docs_required=False)
    make_number("+12125552256", docs_required=True, sms=False)
    page = flat(search_page("?pattern=CALL").content.decode())
    assert "+1 212-555-<mark>2255</mark>" in page
    assert "CALL on the keypad: <b>2255</b>" in page
    for text in ("1.50 USD", "2.25 USD", "Voice", "SMS", "Purchase", "New York", ">No</span>"):
        assert text in page
    assert reverse("numbers:buy", args=[project.pid, number.e164[1:]]) in page
    page = flat(search_page("?pattern=2256").content.decode())
    assert "Order<" in page
    assert ">Yes</span>" in page


def test_a_linked_search_restores_the_form(search_page, catalogue):
    page = flat(search_page("?country=US&region=ca&pattern=12&match=end&type=DID&sms=1&limit=50").content.decode())
    assert '<option value="California" data-note="CA" selected>' in page
    assert 'value="12" maxlength' in page
    assert '<option value="end" selected>' in page
    assert '<input type="radio" name="type" value="did" checked>' in page
    assert '<input type="checkbox" name="sms" value="1" checked>' in page
    assert '<option value="50" selected>' in page


def test_next_and_previous_walk_the_results(search_page, catalogue):
    first = search_page("?country=GB")
    second = search_page(
        "?" + re.search(r'rel="next" href="[^?]*\?([^"]*)"', flat(first.content.decode()))[1].replace("&amp;", "&")
    )
    assert numbers_of(second)[0] > numbers_of(first)[-1]
    back = search_page(
        "?" + re.search(r'rel="prev" href="[^?]*\?([^"]*)"', flat(second.content.decode()))[1].replace("&amp;", "&")
    )
    assert numbers_of(back) == numbers_of(first)


def test_live_results_set_the_address(search_page, project, catalogue):
    address = reverse("numbers:search", args=[project.pid])
    response = search_page("?country=US&pattern=55&match=contains&limit=20&region=", name="results", **HTMX)
    assert response["HX-Replace-Url"] == f"{address}?country=US&pattern=55"
    assert b"<html" not in response.content
    cursor = re.search(r"after=(\w+)", response.content.decode())[1]
    response = search_page(f"?country=US&pattern=55&after={cursor}", name="results", **HTMX)
    assert response["HX-Push-Url"] == f"{address}?country=US&pattern=55&after={cursor}"
    anew = search_page(f"?country=US&pattern=55&after={cursor}", "results", **HTMX, **{"X-Refresh": "1"})
    assert anew["HX-Replace-Url"] == response["HX-Push-Url"], "the same page read anew is no step back"
    response = search_page("?country=GB&pattern=55", name="results")
    assert (response.status_code, response["Location"]) == (302, f"{address}?country=GB&pattern=55")


def test_another_country_brings_its_regions_and_drops_the_old_place(search_page, catalogue):
    page = search_page("?country=CA&region=California&area=415&regions_of=US", name="results", **HTMX)
    text = page.content.decode()
    assert 'id="region-field" hx-swap-oob="true"' in text
    assert "Ontario" in text
    assert "California" not in text
    assert numbers_of(page)
    assert page["HX-Replace-Url"].endswith("?country=CA")
    same = flat(search_page("?country=US&region=California&regions_of=US", name="results", **HTMX).content.decode())
    assert "region-field" not in same


def test_an_empty_result_says_what_each_filter_keeps_away(search_page):
    for n in range(3):
        make_number(f"+1212555011{n}")
    make_number("+14155550177", region="California", city="San Francisco")
    make_number("+13105550177", region="California", city="Los Angeles")
    stats.refresh()
    page = flat(search_page("?region=California&pattern=5011").content.decode())
    assert "No numbers match these filters" in page
    assert re.findall(r"Without the (\w+): <b>(\d) numbers</b>", page) == [("region", "3"), ("digits", "2")]
    page = flat(search_page("?region=New+York&pattern=0177").content.decode())
    assert re.findall(r"Without the (\w+): <b>(\d) numbers</b>", page) == [("digits", "3"), ("region", "2")]
    page = flat(search_page("?area=415&pattern=999").content.decode())
    assert ">310</a>" in page, "an area code of the same state"
    page = search_page("?area=999&city=Nowhere&pattern=1234567").content.decode()
    assert "Without any filter" in page
    page = search_page("?country=DK").content.decode()
    assert "no numbers in Denmark" in page


def test_a_sold_out_area_code_leads_to_its_neighbours(search_page):
    make_number("+14155550177", region="California", status="leased")
    make_number("+13105550177", region="California")
    make_number("+12125550177", region="New York")
    page = search_page("?area=415").content.decode()
    assert ">310</a>" in page
    assert ">212</a>" not in page


@pytest.mark.parametrize(
    ("params", "field", "kept"),
    [
        ("pattern=12%2500", "pattern", 'value="12%00"'),
        ("area=abc", "area", 'value="abc"'),
        ("pattern=%2B44", "pattern", 'value="+44"'),
        ("country=ZZ", "country", ""),
        ("limit=7777", "limit", ""),
        ("type=fax", "type", ""),
        ("match=near", "match", ""),
        ("sms=perhaps", "sms", ""),
    ],
)
def test_bad_input_is_answered_beside_its_field_and_the_rest_is_kept(search_page, catalogue, params, field, kept):
    for name, headers in (("search", {}), ("results", HTMX)):
        if name == "results" and field not in ("country", "pattern", "area"):
            continue
        response = search_page(f"?city=Springfield&{params}", name=name, **headers)
        text = response.content.decode()
        assert response.status_code == 422
        message = re.search(rf'id="error-{field}"[^>]*>([^<]+)</div>', text)
        assert message, text
        if name == "search":
            assert 'value="Springfield"' in text
            assert kept in text


TEXT = st.text(max_size=50) | st.sampled_from(["\x00", "9" * 500, "-1", "None", "%00", "é" * 90, "[]", "2255", "CALL"])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    params=st.dictionaries(
        st.sampled_from(
            [
                "country",
                "region",
                "state",
                "city",
                "area",
                "pattern",
                "match",
                "type",
                "sms",
                "voice",
                "limit",
                "after",
                "regions_of",
            ]
        ),
        TEXT,
    )
)
def test_no_input_breaks_the_page(client, project, params):
    sign_in(client, project.created_by)
    for name, headers in (("search", {}), ("results", HTMX)):
        response = client.get(reverse(f"numbers:{name}", args=[project.pid]), params, headers=headers)
        errors = None if response.status_code == 400 else response.context["search"].errors
        assert response.status_code == (400 if "\x00" in "".join(params.values()) else 422 if errors else 200)


def test_the_page_needs_few_queries(search_page, catalogue):
    search_page()
    for params in ("", "?pattern=2?5&match=end&sms=1", "?region=California&pattern=99999999&sms=1&area=212"):
        with CaptureQueriesContext(connection) as captured:
            assert search_page(params).status_code == 200
        asked = [query for query in captured if "SAVEPOINT" not in query["sql"]]
        assert len(asked) <= 12, "\n".join(query["sql"][:150] for query in captured)


def test_who_may_look_and_who_may_buy(client, project, catalogue, stranger, reader):
    address = reverse("numbers:search", args=[project.pid])
    assert client.get(address).status_code == 302, "nobody without signing in"
    sign_in(client, stranger)
    assert client.get(address).status_code == 404, "a stranger learns nothing"
    sign_in(client, reader)
    page = client.get(address)
    assert page.status_code == 200
    assert b"Purchase<" not in page.content
    sign_in(client, add_member(project, Role.DEVELOPER))
    assert b"Purchase<" in client.get(address).content
    assert client.post(address).status_code == 405
    services.archive_project(project=project, typed_name=project.name, by=SYSTEM)
    assert b"Purchase<" not in client.get(address).content, "nothing is bought for an archived project"


@pytest.mark.parametrize(
    ("e164", "country", "body", "match", "expected"),
    [
        ("+12125552255", "US", "2255", "contains", "+1 212-555-[2255]"),
        ("+12125552255", "US", "212555", "start", "+1 [212-555]-2255"),
        ("+12125552255", "US", "55", "end", "+1 212-555-22[55]"),
        ("+12125552255", "US", "55", "contains", "+1 212-[55]5-2255"),
        ("+12125552255", "US", "2_2%5", "start", "+1 [2]1[2]-[5]55-2255"),
        ("+442079460123", "GB", "7946", "contains", "+44 20 [7946] 0123"),
        ("+390612345678", "IT", "06", "start", "+39 [06] 1234 5678"),
        ("+12125552255", "US", "999", "contains", "+1 212-555-2255"),
    ],
)
def test_the_match_is_marked_in_the_formatted_number(e164, country, body, match, expected):
    segments = patterns.highlight(e164, country, Pattern(body, match))
    assert "".join(f"[{text}]" if marked else text for text, marked in segments) == expected
