"""The router's answers are the naive query's answers, by index, in two statements at most."""

import random
import re

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from numbers.inventory import query_plan, search, search_parameters, search_statements, stats
from numbers.inventory.query_plan import QueryPlan
from numbers.inventory.search_query import SearchQuery, filters_of
from numbers.inventory.search_statements import Window
from numbers.models import Number
from portal.accounts import phone_numbers

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
    match, pattern = rng.choice(search_parameters.MATCHES), ""
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


def test_thousands_of_random_searches_answer_as_the_naive_query(numbers, monkeypatch):
    monkeypatch.setattr(stats, "TTL", float("inf"))  # however slow the machine: reading the counts anew is a query
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
        paths.add(search_statements.rows(QueryPlan(filters_of(query)), Window(limit=query.limit)).path)
    assert paths >= {"ordered", "reverse", "grams"}


def test_every_path_gives_the_same_answer(numbers):
    """Whatever the estimates say: each path alone is right."""
    rng = random.Random(6)
    for _ in range(300):
        query = random_query(rng, numbers)
        plan, expected = QueryPlan(filters_of(query)), naive(query)[:21]
        for path in ("ordered", "reverse", "grams"):
            if plan.costs[path](21) < query_plan.IMPOSSIBLE_US:
                found = search.fetch(search_statements.rows(plan, Window(limit=21), path))
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
