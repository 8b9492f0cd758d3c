"""Find numbers to buy: by country, place, digits, letters, capabilities and type. Results are ordered by number."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import OperationalError, connection, transaction

from numbers.inventory import query_plan, search_statements, stats
from numbers.inventory.models import NumberType
from numbers.inventory.query_plan import TOTAL_CAP, QueryPlan
from numbers.inventory.search_cursors import read_cursor, write_cursor
from numbers.inventory.search_query import SearchQuery, filters_of
from numbers.inventory.search_statements import Statement, Window
from portal.core.errors import DomainError

TIME_LIMIT = "2s"  # of a statement that the router finds suspicious


@dataclass(frozen=True, slots=True)
class NumberRow:
    id: int
    e164: str
    country: str
    region: str
    city: str
    type: str
    sms: bool
    voice: bool
    setup_price: Decimal
    monthly_price: Decimal
    docs_required: bool

    @property
    def type_label(self) -> str:
        return str(NumberType(self.type).label)


@dataclass(frozen=True, slots=True)
class SearchPage:
    rows: list[NumberRow]
    total: int  # exact up to 10,000
    total_is_capped: bool  # there are more than ``total``
    next_cursor: str = ""
    previous_cursor: str = ""


def search(query: SearchQuery) -> SearchPage:
    """One page and the total, in at most two statements (three when a time limit is set first).

    Raises ``search_too_broad`` (422) when a pattern needs more than two seconds, and ``parse``'s errors.
    """
    plan, (direction, bound) = QueryPlan(filters_of(query)), read_cursor(query.after)
    if plan.like and not _can_match(plan):
        return SearchPage([], 0, False)
    window = Window(limit=query.limit + 1, offset=query.offset, **({direction: bound} if bound else {}))
    statement = search_statements.rows(plan, window)
    found = _run(statement)
    if statement.path == "budget" and len(found) < window.limit:
        statement = search_statements.rows(plan, window, "grams")
        found = _run(statement)
    more = len(found) > query.limit
    if more:  # one row was fetched to know whether there is a next page
        found = found[1:] if direction == "before" else found[:-1]
    numbers = [NumberRow(*row[: len(search_statements.COLUMNS)]) for row in found]
    is_complete = not bound and not query.offset and not more
    if is_complete:
        total, capped = len(numbers), False
    elif statement.has_total and found:
        total, capped = _capped(found[0][-1])
    else:
        total, capped = _total(plan, at_least=query.offset + len(numbers))
    has_next = bool(numbers) and (more or direction == "before")
    has_previous = bool(numbers) and bool(bound) and (direction == "after" or more)
    return SearchPage(
        numbers,
        total,
        capped,
        next_cursor=write_cursor("after", numbers[-1].e164) if has_next else "",
        previous_cursor=write_cursor("before", numbers[0].e164) if has_previous else "",
    )


def counts(queries: list[SearchQuery]) -> list[tuple[int, bool]]:
    """(total, there are more than that) of each query, in one statement at most; without digits, by the counts."""
    found: dict[int, tuple[int, bool]] = {}
    totals: dict[int, Statement] = {}
    for index, query in enumerate(queries):
        if query.city or query.area or query.pattern:
            totals[index] = _renamed(search_statements.total(QueryPlan(filters_of(query))), f"q{index}_")
        else:
            found[index] = _capped(
                stats.estimate(query.country, region=query.region, type=query.type, sms=query.sms, voice=query.voice)
            )
    if totals:
        statement = Statement(
            "counts",
            "SELECT " + ", ".join(f"({each.sql})" for each in totals.values()),
            {name: value for each in totals.values() for name, value in each.params.items()},
            worst=sum(each.worst for each in totals.values()),
        )
        found |= dict(zip(totals, map(_capped, _run(statement)[0]), strict=True))
    return [found[index] for index in range(len(queries))]


def _renamed(statement: Statement, prefix: str) -> Statement:
    """The same with parameters of its own names, to stand beside others."""
    return replace(
        statement,
        sql=statement.sql.replace("%(", f"%({prefix}"),
        params={prefix + name: value for name, value in statement.params.items()},
    )


def _can_match(plan: QueryPlan) -> bool:
    literal = re.split(r"[^+\d]", plan.like, maxsplit=1)[0]
    return not plan.prefix or literal.startswith(plan.prefix) or plan.prefix.startswith(literal)


def _capped(total: int) -> tuple[int, bool]:
    return (TOTAL_CAP, True) if total > TOTAL_CAP else (total, False)


def _total(plan: QueryPlan, at_least: int) -> tuple[int, bool]:
    filters = plan.filters
    if not (filters.cities or filters.area or filters.pattern):
        # The counts may be minutes old; twice the cap is far from any doubt.
        known = stats.estimate(
            filters.country, region=filters.region, type=filters.type, sms=filters.sms, voice=filters.voice
        )
        if known >= 2 * TOTAL_CAP:
            return TOTAL_CAP, True
    try:
        return _capped(_run(search_statements.total(plan))[0][0])
    except DomainError:  # the page is there; "20+ numbers" serves better than none
        return at_least, True


def _run(statement: Statement) -> list[tuple[Any, ...]]:
    if statement.worst < query_plan.SLOW_ESTIMATE_US:
        return fetch(statement)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('statement_timeout')")
                (before,) = cursor.fetchone()
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [TIME_LIMIT])
            found = fetch(statement)
            if len(connection.savepoint_ids):  # inside a caller's transaction the limit would outlive us
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
            return found
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != "57014":  # query_canceled
            raise
        raise DomainError(
            "search_too_broad",
            "This pattern is too broad to search for. Narrow it down: add a region, an area code, or another digit.",
            field="pattern",
            status=422,
        ) from None


def fetch(statement: Statement) -> list[tuple[Any, ...]]:
    """Rows of the statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.params)
        return cursor.fetchall()
