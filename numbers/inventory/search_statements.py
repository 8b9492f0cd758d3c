# ruff: noqa: S608  statements are put together from the constants below; every value is a parameter
"""The statements of a search along the path that its plan has chosen: a page of numbers, and how many there are."""

from dataclasses import dataclass
from typing import Any

from numbers.inventory import query_plan
from numbers.inventory.models import FOR_SALE_SQL
from numbers.inventory.query_plan import TOTAL_CAP, QueryPlan

COLUMNS = (
    "id",
    "e164",
    "country",
    "region",
    "city",
    "type",
    "sms",
    "voice",
    "setup_price",
    "monthly_price",
    "docs_required",
)


@dataclass(frozen=True, slots=True)
class Window:
    """The page: after or before a number, or from an offset; ``limit`` rows."""

    limit: int
    after: str = ""
    before: str = ""
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    path: str
    sql: str
    params: dict[str, Any]
    has_total: bool = False
    worst: float = 0.0  # estimated microseconds if next to nothing matches


def _page(window: Window, params: dict[str, Any]) -> tuple[list[str], str]:
    bounds, direction = [], "ASC"
    if window.after:
        bounds.append("e164 > %(after)s")
        params["after"] = window.after
    if window.before:
        bounds.append("e164 < %(before)s")
        params["before"], direction = window.before, "DESC"
    params["limit"], params["offset"] = window.limit, window.offset
    return bounds, f"ORDER BY e164 {direction} LIMIT %(limit)s OFFSET %(offset)s"


_ROWS = "SELECT {columns} FROM page JOIN numbers_number n USING (id) ORDER BY n.e164".format(
    columns=", ".join(f"n.{column}" for column in COLUMNS)
)
_FENCED = "SELECT id, e164, region, city, type, sms, voice FROM numbers_number WHERE "


def rows(plan: QueryPlan, window: Window, path: str | None = None) -> Statement:
    """The statement that fetches a page, in the order of the numbers. ``path`` overrides the choice."""
    rows_needed = window.offset + window.limit
    path = path or plan.best(rows_needed)
    params: dict[str, Any] = {}
    root = [FOR_SALE_SQL, *plan.root(path, params)]
    facets, digits = plan.facets(params), plan.digits(params)
    bounds, order = _page(window, params)
    if path != "ordered":
        return _fenced(path, params, root, facets + digits, bounds, order)
    if len(plan.filters.cities) > 1:
        return _rows_of_cities(plan, params, root + facets + digits + bounds, order)
    if (
        plan.like
        and plan.range_rows > query_plan.MIN_SCAN_BUDGET
        and plan.costs["grams"](rows_needed) < query_plan.IMPOSSIBLE_US
    ):
        return _budget(plan, params, root + bounds, order, rows_needed)
    sql = (
        f"WITH page AS MATERIALIZED (SELECT id, e164 FROM numbers_number "
        f"WHERE {' AND '.join(root + facets + digits + bounds)} {order}) {_ROWS}"
    )
    return Statement("ordered", sql, params, worst=plan.range_rows * query_plan.INDEX_ROW_US)


def _fenced(
    path: str, params: dict[str, Any], root: list[str], tests: list[str], bounds: list[str], order: str
) -> Statement:
    """What one index finds is fetched whole, then tested: a page, and the total on top of it."""
    params["cap"] = TOTAL_CAP + 1
    counted = f"SELECT FROM hit{_where(tests)} LIMIT %(cap)s"
    sql = (
        f"WITH hit AS MATERIALIZED ({_FENCED}{' AND '.join(root)}), "
        f"page AS MATERIALIZED (SELECT id FROM hit{_where(tests + bounds)} {order}) "
        + _ROWS.replace(" FROM page", f", (SELECT count(*) FROM ({counted}) c) AS total FROM page")
    )
    return Statement(path, sql, params, has_total=True)


def _rows_of_cities(plan: QueryPlan, params: dict[str, Any], conditions: list[str], order: str) -> Statement:
    first = order.replace("%(limit)s OFFSET %(offset)s", "%(limit)s + %(offset)s")
    each = _each_city(plan, params, conditions, "id, e164", first)
    return Statement(
        "ordered",
        f"WITH page AS MATERIALIZED (SELECT id, e164 FROM {each} {order}) {_ROWS}",
        params,
        worst=plan.range_rows * query_plan.HEAP_ROW_US,
    )


def _each_city(plan: QueryPlan, params: dict[str, Any], conditions: list[str], columns: str, order: str) -> str:
    """The rows of some cities, each read in the order of its own range of the index, and no further than needed."""
    names = ", ".join(plan.cities(params))
    return (
        f"(SELECT DISTINCT unnest(ARRAY[{names}]) AS name) one CROSS JOIN LATERAL (SELECT {columns} FROM "
        f"numbers_number WHERE {' AND '.join(conditions)} AND lower(city) = one.name {order}) each"
    )


def _budget(plan: QueryPlan, params: dict[str, Any], scanned: list[str], order: str, rows_needed: int) -> Statement:
    """An ordered scan that stops after about the work that the grams would have cost."""
    filters = plan.filters
    # What the covering index holds in its key is part of the scan; the rest is looked at row by row.
    keys = [text for text in plan.facets({}) if text not in ("sms", "voice")]
    if plan.prefix:
        keys.append("e164 >= %(low)s AND e164 < %(high)s")
    params["budget"] = int(
        max(query_plan.MIN_SCAN_BUDGET, plan.costs["grams"](rows_needed) / query_plan.INDEX_ROW_US * 0.7)
    )
    tests = ["e164 LIKE %(like)s"] + ["sms"] * filters.sms + ["voice"] * filters.voice
    direction = order.split(" LIMIT", 1)[0]
    sql = (
        f"WITH page AS MATERIALIZED (SELECT id, e164 FROM (SELECT id, e164, sms, voice FROM numbers_number "
        f"WHERE {' AND '.join(scanned + keys)} {direction} LIMIT %(budget)s) scan{_where(tests)} {order}) {_ROWS}"
    )
    return Statement("budget", sql, params)


def total(plan: QueryPlan) -> Statement:
    """Counts up to one more than TOTAL_CAP. A materialized CTE is read lazily, so the count stops there."""
    path = plan.best(TOTAL_CAP)
    params: dict[str, Any] = {"cap": TOTAL_CAP + 1}
    root = [FOR_SALE_SQL, *plan.root(path, params)]
    tests = plan.facets(params) + plan.digits(params)
    if path == "ordered" and len(plan.filters.cities) > 1:
        each = _each_city(plan, params, root + tests, "", "LIMIT %(cap)s")
        sql = f"SELECT count(*) FROM (SELECT FROM {each} LIMIT %(cap)s) c"
    elif path == "ordered":
        sql = f"SELECT count(*) FROM (SELECT FROM numbers_number WHERE {' AND '.join(root + tests)} LIMIT %(cap)s) c"
    else:
        sql = (
            f"WITH hit AS MATERIALIZED ({_FENCED}{' AND '.join(root)}) "
            f"SELECT count(*) FROM (SELECT FROM hit{_where(tests)} LIMIT %(cap)s) c"
        )
    return Statement(path, sql, params, worst=plan.range_rows * query_plan.INDEX_ROW_US if path == "ordered" else 0.0)


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
