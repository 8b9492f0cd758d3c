"""What a search may cost, and what it refuses."""

import pytest
from django.db import connection

from numbers.inventory import query_plan, search, search_parameters, stats
from numbers.inventory.search_query import SearchQuery
from numbers.models import Number
from tests.inventory.test_search import naive
from tests.support.inventory import make_number
from tests.support.refusals import refusal


@pytest.mark.django_db
def test_a_pattern_that_takes_too_long_is_refused_with_advice(catalogue, monkeypatch):
    monkeypatch.setattr(search, "TIME_LIMIT", "1ms")
    monkeypatch.setattr(query_plan, "SLOW_ESTIMATE_US", 0.0)
    monkeypatch.setattr(search, "fetch", _slowly(search.fetch))
    error = refusal(search.search, SearchQuery("US", pattern="1?2?3"))
    assert (error.code, error.field, error.status) == ("search_too_broad", "pattern", 422)
    assert Number.objects.filter(country="US").exists(), "the caller's transaction goes on"


@pytest.mark.django_db
def test_the_limit_of_a_search_leaves_the_limit_of_the_process_as_it_was(catalogue, monkeypatch):
    monkeypatch.setattr(query_plan, "SLOW_ESTIMATE_US", 0.0)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")
        search.search(SearchQuery("US", pattern="1?2?3"))
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("5s",)


def _slowly(fetch):
    def run(statement):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        return fetch(statement)

    return run


@pytest.mark.django_db
def test_what_is_not_available_is_not_found():
    for status in ("held", "leased", "quarantined", "withdrawn"):
        make_number(status=status)
    shown = make_number()
    assert [row.e164 for row in search.search(SearchQuery("US")).rows] == [shown.e164]


# -- input ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "match", "country", "body", "matched"),
    [
        ("CALL", "contains", "US", "2255", "contains"),
        ("call-me", "end", "US", "225563", "end"),
        ("(212) 555", "start", "US", "212555", "start"),
        ("1 212", "start", "US", "212", "start"),
        ("020 7946", "start", "GB", "207946", "start"),
        ("06", "start", "IT", "06", "start"),
        ("+1 (212) 5", "contains", "US", "2125", "start"),
        ("5*5?", "contains", "US", "5%5_", "contains"),
        ("**55**", "contains", "US", "55", "contains"),
        ("٢١٢", "start", "US", "212", "start"),
        ("+44", "start", "GB", None, None),
        ("  ", "contains", "US", None, None),
    ],
)
def test_what_people_type_becomes_a_pattern(text, match, country, body, matched):
    pattern = SearchQuery(country, pattern=text, match=match).compiled()
    assert (pattern and pattern.body) == body
    assert (pattern and pattern.match) == matched


@pytest.mark.django_db
def test_after_an_area_code_starts_with_means_the_digits_after_it():
    kept = make_number("+12125551234")
    make_number("+12125561234")
    for typed in ("555", "212555"):
        page = search.search(SearchQuery("US", area="212", pattern=typed, match="start"))
        assert [row.e164 for row in page.rows] == [kept.e164]


@pytest.mark.django_db
def test_the_country_code_is_no_part_of_the_pattern():
    make_number("+12125550123")
    assert search.search(SearchQuery("US", pattern="121")).total == 0
    assert search.search(SearchQuery("US", pattern="212")).total == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "country"),
        ({"country": "us"}, "country"),
        ({"country": "ZZ"}, "country"),
        ({"country": "\x00"}, "country"),
        ({"pattern": "12x%"}, "pattern"),
        ({"pattern": "\x00"}, "pattern"),
        ({"pattern": "***"}, "pattern"),
        ({"pattern": "1" * 41}, "pattern"),
        ({"pattern": "1" * 16}, "pattern"),
        ({"pattern": "+44 20"}, "pattern"),
        ({"match": "near"}, "match"),
        ({"type": "pager"}, "type"),
        ({"sms": "2"}, "sms"),
        ({"voice": "maybe"}, "voice"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "9" * 400}, "limit"),
        ({"limit": "²"}, "limit"),
        ({"after": "x"}, "after"),
        ({"after": "é"}, "after"),
        ({"after": "Yi" * 50}, "after"),
        ({"area": "21a"}, "area"),
        ({"area": "1" * 9}, "area"),
        ({"region": "x" * 81}, "region"),
        ({"city": "a\x00b"}, "city"),
    ],
)
def test_bad_input_is_refused_by_its_field(params, field):
    if field != "country":
        params = {"country": "US"} | params
    error = refusal(search_parameters.parse, params)
    assert (error.field, error.status) == (field, 400)


@pytest.mark.django_db
def test_good_input_is_read(catalogue):
    query = search_parameters.parse(
        {
            "country": "US",
            "state": "ca",
            "number_type": "Toll-Free",
            "sms": "1",
            "voice": "off",
            "pattern": "CALL",
            "match": "ends",
            "limit": "50",
            "area": "1-800",
        }
    )
    assert query == SearchQuery(
        "US", region="California", area="800", pattern="CALL", match="end", type="tollfree", sms=True, limit=50
    )
    assert search_parameters.parse({"country": "CA", "region": "oNtArIo"}).region == "Ontario"
    assert search_parameters.parse({"country": "GB", "region": "CA"}).region == "CA", "postal codes are America's"


@pytest.mark.parametrize(("text", "window"), [("0,10", (0, 10)), (" 40 , 100 ", (40, 100)), ("10000,1", (10_000, 1))])
def test_the_guides_limit_is_offset_and_count(text, window):
    assert search_parameters.parse_window(text) == window


@pytest.mark.parametrize("text", ["", "10", "0,0", "0,101", "-1,5", "a,b", "10001,1", "1,2,3", "9" * 99 + ",1", "٣,٤"])
def test_a_bad_limit_is_refused(text):
    error = refusal(search_parameters.parse_window, text)
    assert error.field == "limit"


@pytest.mark.django_db
def test_counts_are_those_of_the_available_numbers(catalogue):
    assert stats.estimate("US", region="New York") == len(naive(SearchQuery("US", region="New York")))
    assert stats.estimate("US", type="tollfree", sms=True) == len(naive(SearchQuery("US", type="tollfree", sms=True)))
