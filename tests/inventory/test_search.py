"""The router's answers are the naive query's answers, by index, in two statements at most."""

import random
import re

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from numbers.inventory import query_plan, search, stats
from numbers.inventory.query_plan import QueryPlan, Window
from numbers.inventory.search import SearchQuery
from numbers.models import Number
from portal.accounts import phone_numbers
from tests.support.inventory import make_number
from tests.support.refusals import refusal

CODES = {"US": "1", "CA": "1", "GB": "44", "DK": "45", "SG": "65"}
TRUNK = {"US": "1", "CA": "1", "GB": "0"}


def naive(query: SearchQuery):
    """What a search means, in the plainest words."""
    found = Number.objects.filter(status="available", country=query.country)
    if query.region:
        found = found.filter(region=query.region)
    if query.city:
        found = found.filter(city__iexact=query.city)
    if query.type:
        found = found.filter(type=query.type)
    if query.sms:
        found = found.filter(sms=True)
    if query.voice:
        found = found.filter(voice=True)
    code = re.escape(f"+{CODES[query.country]}")
    if query.area:
        found = found.filter(e164__regex=f"^{code}{query.area}")
    if query.pattern:
        body = query.pattern.replace("*", "[0-9]*").replace("?", "[0-9]")
        if query.match == "start" and TRUNK.get(query.country) == body[:1] and len(body) > 1:
            body = body[1:]  # dialled, but no part of the number
        shape = {"start": f"^{code}{body}", "contains": f"^{code}[0-9]*{body}", "end": f"^{code}[0-9]*{body}$"}
        found = found.filter(Q(e164__regex=shape[query.match]))
    return list(found.order_by("e164").values_list("e164", flat=True))


def random_query(rng: random.Random, numbers: dict[str, list[str]]) -> SearchQuery:
    country = rng.choice(sorted(CODES))
    national = rng.choice(numbers[country])[1 + len(CODES[country]) :]
    match, pattern = rng.choice(search.MATCHES), ""
    if rng.random() < 0.8:
        length = rng.choice([1, 2, 2, 3, 3, 4, 4, 5, 6, 7])
        at = {"start": 0, "end": len(national) - length}.get(match, rng.randrange(len(national) - length + 1))
        pattern = national[at : at + length] if rng.random() < 0.6 else f"{rng.randrange(10**length):0{length}d}"
        if rng.random() < 0.3 and length > 2:
            cut = rng.randrange(1, length - 1)
            pattern = pattern[:cut] + rng.choice("*?") + pattern[cut + 1 :]
    if match == "start" and pattern.startswith(phone_numbers.ABROAD):  # it would be read as a call abroad
        pattern = "9" + pattern[1:]
    area = national[: rng.choice([1, 2, 3])] if rng.random() < 0.15 and match != "start" else ""
    regions = {"US": ["New York", "California", "Nowhere"], "CA": ["Ontario"]}.get(country, [""])
    return SearchQuery(
        country=country,
        region=rng.choice(regions) if rng.random() < 0.3 else "",
        city="new york city 1" if rng.random() < 0.05 else "",
        area=area,
        pattern=pattern,
        match=match,
        type=rng.choice(["", "", "did", "tollfree"]),
        sms=rng.random() < 0.2,
        voice=rng.random() < 0.2,
        limit=rng.choice([1, 5, 20, 100]),
    )


@pytest.fixture
def numbers(catalogue):
    found: dict[str, list[str]] = {}
    for country, e164 in Number.objects.values_list("country", "e164"):
        found.setdefault(country, []).append(e164)
    return found


def test_thousands_of_random_searches_answer_as_the_naive_query(numbers):
    rng, paths = random.Random(5), set()
    for _ in range(2_000):
        query = random_query(rng, numbers)
        expected = naive(query)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page = search.search(query)
        assert [row.e164 for row in page.rows] == expected[: query.limit], query
        assert page.total == len(expected), query
        assert not page.total_is_capped
        assert bool(page.next_cursor) == (len(expected) > query.limit), query
        assert len(captured) <= 2
        paths.add(query_plan.rows(QueryPlan(search.filters_of(query)), Window(limit=query.limit)).path)
    assert paths >= {"ordered", "reverse", "grams"}


def test_every_path_gives_the_same_answer(numbers):
    """Whatever the estimates say: each path alone is right."""
    rng = random.Random(6)
    for _ in range(300):
        query = random_query(rng, numbers)
        plan, expected = QueryPlan(search.filters_of(query)), naive(query)[:21]
        for path in ("ordered", "reverse", "grams"):
            if plan.costs[path](21) < query_plan.IMPOSSIBLE_US:
                found = search.fetch(query_plan.rows(plan, Window(limit=21), path))
                assert [row[1] for row in found] == expected, (path, query)


def test_pages_forward_and_back_meet_every_number_once(numbers):
    for query in (
        SearchQuery("US", limit=37),
        SearchQuery("US", pattern="11", limit=9, sms=True),
        SearchQuery("GB", pattern="000", limit=20),
        SearchQuery("US", pattern="7", match="end", limit=50),
    ):
        expected, seen, pages, cursor = naive(query), [], [], ""
        while True:
            page = search.search(SearchQuery(**{**_asdict(query), "after": cursor}))
            assert page.total == len(expected)
            seen += [row.e164 for row in page.rows]
            pages.append(page)
            if not (cursor := page.next_cursor):
                break
        assert seen == expected
        assert pages[0].previous_cursor == ""
        for earlier, later in zip(pages[-2::-1], pages[:0:-1], strict=True):
            back = search.search(SearchQuery(**{**_asdict(query), "after": later.previous_cursor}))
            assert back.rows == earlier.rows
            assert bool(back.previous_cursor) == bool(earlier.previous_cursor)
            assert back.next_cursor


def _asdict(query):
    return {name: getattr(query, name) for name in query.__slots__}


def test_offsets_walk_the_same_list(numbers):
    query = SearchQuery("US", pattern="12", type="did")
    expected = naive(query)
    for offset in (0, 7, 100, len(expected) - 3, len(expected) + 5):
        page = search.search(SearchQuery("US", pattern="12", type="did", offset=offset, limit=10))
        assert [row.e164 for row in page.rows] == expected[offset : offset + 10]
        assert page.total == len(expected)


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
        ({"type": "mobile"}, "type"),
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
    error = refusal(search.parse, params)
    assert (error.field, error.status) == (field, 400)


@pytest.mark.django_db
def test_good_input_is_read(catalogue):
    query = search.parse(
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
    assert search.parse({"country": "CA", "region": "oNtArIo"}).region == "Ontario"
    assert search.parse({"country": "GB", "region": "CA"}).region == "CA", "postal codes are America's"


@pytest.mark.parametrize(("text", "window"), [("0,10", (0, 10)), (" 40 , 100 ", (40, 100)), ("10000,1", (10_000, 1))])
def test_the_guides_limit_is_offset_and_count(text, window):
    assert search.parse_window(text) == window


@pytest.mark.parametrize("text", ["", "10", "0,0", "0,101", "-1,5", "a,b", "10001,1", "1,2,3", "9" * 99 + ",1", "٣,٤"])
def test_a_bad_limit_is_refused(text):
    error = refusal(search.parse_window, text)
    assert error.field == "limit"


@pytest.mark.django_db
def test_counts_are_those_of_the_available_numbers(catalogue):
    assert stats.estimate("US", region="New York") == len(naive(SearchQuery("US", region="New York")))
    assert stats.estimate("US", type="tollfree", sms=True) == len(naive(SearchQuery("US", type="tollfree", sms=True)))
