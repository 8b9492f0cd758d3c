"""What needs a table of real size: which index serves a search, and how totals are capped."""

import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from numbers.inventory import query_plan, search, search_statements
from numbers.inventory.query_plan import QueryPlan
from numbers.inventory.search_query import SearchQuery, filters_of
from numbers.inventory.search_statements import Window
from numbers.models import Number
from tests.inventory.test_search import naive, random_query


def explained(statement, *without):
    """Its plan, if it can be done without these."""
    with connection.cursor() as cursor:
        for setting in without:
            cursor.execute(f"SET LOCAL {setting} = off")
        cursor.execute("EXPLAIN " + statement.sql, statement.params)
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.django_db
def test_no_search_scans_the_table(big_catalogue):
    assert big_catalogue > 30_000
    rng, paths = random.Random(7), set()
    numbers: dict[str, list[str]] = {}
    for country, e164 in Number.objects.values_list("country", "e164"):
        numbers.setdefault(country, []).append(e164)
    for _ in range(400):
        query = random_query(rng, numbers)
        plan = QueryPlan(filters_of(query))
        for statement in (search_statements.rows(plan, Window(limit=21)), search_statements.total(plan)):
            text = explained(statement, "enable_seqscan")
            assert "Seq Scan on numbers_number" not in text, (query, text)
            index = {"reverse": "number_by_end", "grams": "number_grams"}.get(statement.path)
            assert index is None or index in text, (query, text)
            paths.add(statement.path)
    assert paths >= {"ordered", "reverse", "grams"}


@pytest.mark.django_db
def test_several_cities_are_read_by_the_index_of_cities(big_catalogue):
    plan = QueryPlan(filters_of(SearchQuery("US", city="x", cities=("New York City 1", "California City 2"))))
    for statement in (search_statements.rows(plan, Window(limit=21)), search_statements.total(plan)):
        text = explained(statement, "enable_seqscan", "enable_bitmapscan")
        assert "number_by_city" in text, text


@pytest.mark.django_db
def test_totals_above_ten_thousand_are_capped(big_catalogue):
    page = search.search(SearchQuery("US"))
    assert (page.total, page.total_is_capped) == (10_000, True)
    page = search.search(SearchQuery("US", pattern="0", type="did"))  # the counts cannot tell: it is counted
    assert (page.total, page.total_is_capped) == (10_000, True)
    page = search.search(SearchQuery("GB", area="20"))
    assert page.total == len(naive(SearchQuery("GB", area="20")))
    assert not page.total_is_capped


@pytest.mark.django_db
def test_a_budgeted_scan_that_comes_short_falls_back_to_the_grams(big_catalogue, monkeypatch):
    monkeypatch.setattr(query_plan, "MIN_SCAN_BUDGET", 100)
    monkeypatch.setattr(query_plan, "INDEX_ROW_US", 1e3)  # rows look dear, so the budget is the least one
    monkeypatch.setattr(query_plan, "SLOW_ESTIMATE_US", query_plan.IMPOSSIBLE_US)
    monkeypatch.setattr(QueryPlan, "best", lambda plan, wanted: "ordered")
    short = 0
    for query in (
        SearchQuery("US", pattern="991", limit=100),
        SearchQuery("US", pattern="000", sms=True, limit=100),
        SearchQuery("US", pattern="31?123", limit=50),
        SearchQuery("US", pattern="55"),
    ):
        plan = QueryPlan(filters_of(query))
        statement = search_statements.rows(plan, Window(limit=query.limit + 1))
        assert statement.path == ("ordered" if query.pattern == "55" else "budget")
        expected = naive(query)[: query.limit]
        short += statement.path == "budget" and len(search.fetch(statement)) < len(expected)
        with CaptureQueriesContext(connection) as captured:
            assert [row.e164 for row in search.search(query).rows] == expected
        assert len(captured) <= 2
    assert short, "no question came short of its budget"
