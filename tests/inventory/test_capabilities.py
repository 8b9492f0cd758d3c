"""SMS and voice narrow a search down on every way that the router may take."""

import pytest

from numbers.inventory import query_plan, search, search_statements
from numbers.inventory.query_plan import QueryPlan
from numbers.inventory.search_query import SearchQuery, filters_of
from numbers.inventory.search_statements import Window
from numbers.models import Number
from tests.inventory.test_search import naive

ABLE = [{"sms": True}, {"voice": True}, {"sms": True, "voice": True}]


@pytest.fixture(params=["ordered", "budget", "reverse", "grams"])
def path(request, catalogue, monkeypatch):
    """The way that every statement takes. The budget is that of an ordered scan, and reaches for all of it."""
    monkeypatch.setattr(query_plan, "MIN_SCAN_BUDGET", 0)
    monkeypatch.setattr(
        QueryPlan, "best", lambda plan, wanted: "ordered" if request.param == "budget" else request.param
    )
    return request.param


def question(path, **extra):
    """One that only this way can be asked."""
    pattern = {
        "ordered": {},
        "budget": {"pattern": "123"},
        "reverse": {"pattern": "1", "match": "end"},
        "grams": {"pattern": "123"},
    }[path]
    return SearchQuery("US", **pattern, **extra)


@pytest.mark.django_db
@pytest.mark.parametrize("able", ABLE, ids=lambda able: "+".join(able))
def test_only_what_can_is_found(able, path, monkeypatch):
    query = question(path, limit=100, **able)
    plan = QueryPlan(filters_of(query))
    statement = search_statements.rows(plan, Window(limit=101))
    assert statement.path == path
    if path == "budget":
        monkeypatch.setattr(query_plan, "INDEX_ROW_US", 1e-9)  # enough for the whole table
        assert search_statements.rows(plan, Window(limit=101)).params["budget"] > Number.objects.count()
    everybody, expected = naive(question(path)), naive(query)
    assert 0 < len(expected) < len(everybody), "the question tells nobody apart"
    page = search.search(query)
    assert [row.e164 for row in page.rows] == expected[:100]
    assert page.total == len(expected)
    assert all(getattr(row, name) for row in page.rows for name in able)


@pytest.mark.django_db
@pytest.mark.parametrize("able", [{"sms": True}, {"voice": True}], ids=lambda able: "+".join(able))
def test_a_scan_whose_budget_suffices_looks_at_what_each_number_can(able, catalogue, monkeypatch):
    """The answer is the scan's own: no second statement mends it."""
    monkeypatch.setattr(query_plan, "MIN_SCAN_BUDGET", 0)
    monkeypatch.setattr(query_plan, "INDEX_ROW_US", 1e-9)
    monkeypatch.setattr(QueryPlan, "best", lambda plan, wanted: "ordered")
    query = SearchQuery("US", pattern="123", limit=5, **able)
    statement = search_statements.rows(QueryPlan(filters_of(query)), Window(limit=5))
    assert (statement.path, len(naive(query)) > 5) == ("budget", True)
    assert [row[1] for row in search.fetch(statement)] == naive(query)[:5]
    assert [row.e164 for row in search.search(query).rows] == naive(query)[:5]
