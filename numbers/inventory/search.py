"""Find numbers to buy: by country, place, digits, letters, capabilities and type. Results are ordered by number."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import OperationalError, connection, transaction

from numbers.inventory import complete_number, patterns, places, query_plan, spelling, stats
from numbers.inventory.models import NumberType
from numbers.inventory.patterns import Pattern
from numbers.inventory.query_plan import TOTAL_CAP, QueryPlan, SearchFilters, Statement, Window
from portal.accounts import countries, phone_numbers
from portal.core.errors import DomainError

MATCHES = ("start", "contains", "end")
PAGE_SIZE, LARGEST_PAGE = 20, 100
DEEPEST_OFFSET = 10_000
TIME_LIMIT = "2s"  # of a statement that the router finds suspicious


@dataclass(frozen=True, slots=True)
class SearchQuery:
    country: str
    region: str = ""
    city: str = ""
    cities: tuple[str, ...] = ()  # the names that ``city`` stands for; empty: itself
    area: str = ""  # digits after the country code
    pattern: str = ""  # as typed: digits, vanity letters, * (any digits), ? (any digit)
    match: str = "contains"
    type: str = ""  # of Number.Type; "" for any
    sms: bool = False  # True: only numbers that can; False: no matter
    voice: bool = False
    after: str = ""  # cursor of SearchPage
    whole: bool = False  # ``pattern`` is a complete number that is on offer, in E.164
    limit: int = PAGE_SIZE
    offset: int = 0  # for the guide's listnewnumbers; excludes a cursor

    def compiled(self) -> Pattern | None:
        if self.whole and self.pattern:
            return patterns.whole(self.pattern, self.country)
        return patterns.parse(self.pattern, self.match, self.country, self.area)

    def resolved(self) -> "SearchQuery":
        """The same for the complete number that was typed, if it is on offer. One indexed query at most."""
        number = complete_number.available_number(self.pattern, self.country) if self.pattern and not self.whole else ""
        return replace(self, pattern=number, whole=True) if number else self


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
    statement = query_plan.rows(plan, window)
    found = _run(statement)
    if statement.path == "budget" and len(found) < window.limit:
        statement = query_plan.rows(plan, window, "grams")
        found = _run(statement)
    more = len(found) > query.limit
    if more:  # one row was fetched to know whether there is a next page
        found = found[1:] if direction == "before" else found[:-1]
    numbers = [NumberRow(*row[: len(query_plan.COLUMNS)]) for row in found]
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
    asked: dict[int, Statement] = {}
    for index, query in enumerate(queries):
        if query.city or query.area or query.pattern:
            asked[index] = _renamed(query_plan.total(QueryPlan(filters_of(query))), f"q{index}_")
        else:
            found[index] = _capped(
                stats.estimate(query.country, region=query.region, type=query.type, sms=query.sms, voice=query.voice)
            )
    if asked:
        statement = Statement(
            "counts",
            "SELECT " + ", ".join(f"({each.sql})" for each in asked.values()),
            {name: value for each in asked.values() for name, value in each.params.items()},
            worst=sum(each.worst for each in asked.values()),
        )
        found |= dict(zip(asked, map(_capped, _run(statement)[0]), strict=True))
    return [found[index] for index in range(len(queries))]


def _renamed(statement: Statement, prefix: str) -> Statement:
    """The same with parameters of its own names, to stand beside others."""
    return replace(
        statement,
        sql=statement.sql.replace("%(", f"%({prefix}"),
        params={prefix + name: value for name, value in statement.params.items()},
    )


def filters_of(query: SearchQuery) -> SearchFilters:
    """What the query asks for, as conditions of the statement."""
    return SearchFilters(
        country=query.country,
        region=query.region,
        area=query.area,
        pattern=query.compiled(),
        cities=(query.cities or (query.city,)) if query.city else (),
        type=query.type,
        sms=query.sms,
        voice=query.voice,
    )


def _can_match(plan: QueryPlan) -> bool:
    literal = re.match(r"\+\d*", plan.like)[0]  # type: ignore[index]
    return not plan.prefix or literal.startswith(plan.prefix) or plan.prefix.startswith(literal)


def _capped(total: int) -> tuple[int, bool]:
    return (TOTAL_CAP, True) if total > TOTAL_CAP else (total, False)


def _total(plan: QueryPlan, at_least: int) -> tuple[int, bool]:
    asked = plan.filters
    if not (asked.cities or asked.area or asked.pattern):
        # The counts may be minutes old; twice the cap is far from any doubt.
        known = stats.estimate(asked.country, region=asked.region, type=asked.type, sms=asked.sms, voice=asked.voice)
        if known >= 2 * TOTAL_CAP:
            return TOTAL_CAP, True
    try:
        return _capped(_run(query_plan.total(plan))[0][0])
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


# -- input --------------------------------------------------------------------------------------------------------


def parse(params: Mapping[str, Any]) -> SearchQuery:
    """A query from URL or form parameters. Raises the first DomainError (status 400) with its ``field``."""
    query, errors = read(params)
    if query is None:
        raise next(iter(errors.values()))
    return query


def read(params: Mapping[str, Any]) -> tuple[SearchQuery | None, dict[str, DomainError]]:
    """The query, or None and every field's error. ``state`` and ``number_type`` are the guide's names."""
    errors: dict[str, DomainError] = {}
    values: dict[str, Any] = {}
    for field, reader in _READERS.items():
        try:
            values[field] = reader(params)
        except DomainError as error:
            errors[field] = error
    if "country" in errors:
        return None, errors
    try:
        values["region"] = places.region(values["country"], values.get("region", ""))
        values["cities"] = places.cities(values["country"], values["city"]) if values.get("city") else ()
        values["area"] = patterns.drop_trunk(values.get("area", ""), values["country"])
        patterns.parse(_text(params, "pattern"), values.get("match", "contains"), values["country"], values["area"])
    except DomainError as error:
        errors.setdefault(error.field or "pattern", error)
    return (None, errors) if errors else (SearchQuery(**values), {})


def _text(params: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = params.get(name)
        if value not in (None, ""):
            return str(value).strip()
    return ""


def _invalid(field: str, message: str) -> DomainError:
    return DomainError(f"invalid_{field}", message, field=field, status=400)


def _read_country(params: Mapping[str, Any]) -> str:
    code = _text(params, "country")
    if code not in countries.NAMES:
        raise _invalid(
            "country",
            "Choose a country."
            if not code
            else "This is not a country code. Use two upper-case letters, for example US.",
        )
    return code


def _reader(field: str, longest: int, *names: str) -> Any:
    def read_text(params: Mapping[str, Any]) -> str:
        text = spelling.tidy(_text(params, field, *names))
        if len(text) > longest or not text.isprintable():
            raise _invalid(field, f"Use at most {longest} printable characters.")
        return text

    return read_text


def _read_area(params: Mapping[str, Any]) -> str:
    digits = re.sub(r"[ ()\-]", "", _text(params, "area"))
    if not re.fullmatch(r"[0-9]{0,8}", digits):
        raise _invalid("area", "An area code has digits only, at most 8.")
    return digits


def _read_pattern(params: Mapping[str, Any]) -> str:
    return phone_numbers.clean(_text(params, "pattern"))


def _read_match(params: Mapping[str, Any]) -> str:
    match = _text(params, "match").lower() or "contains"
    match = {"starts": "start", "ends": "end"}.get(match, match)
    if match not in MATCHES:
        raise _invalid("match", "Choose start, contains or end.")
    return match


def _read_type(params: Mapping[str, Any]) -> str:
    kind = re.sub(r"[ _-]", "", _text(params, "type", "number_type")).lower()
    if kind not in ("", "any", *NumberType.values):
        raise _invalid("type", f"Choose {NumberType.any_of()}.")
    return "" if kind == "any" else kind


def _flag(field: str) -> Any:
    def read_flag(params: Mapping[str, Any]) -> bool:
        value = _text(params, field).lower()
        if value not in ("", "0", "1", "on", "off", "true", "false", "yes", "no"):
            raise _invalid(field, "Use 1 or 0.")
        return value in ("1", "on", "true", "yes")

    return read_flag


def _read_limit(params: Mapping[str, Any]) -> int:
    text = _text(params, "limit") or str(PAGE_SIZE)
    if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) or not 1 <= int(text) <= LARGEST_PAGE:
        raise _invalid("limit", f"Choose between 1 and {LARGEST_PAGE} numbers per page.")
    return int(text)


def _read_after(params: Mapping[str, Any]) -> str:
    cursor = _text(params, "after")
    read_cursor(cursor)
    return cursor


def parse_window(text: str) -> tuple[int, int]:
    """The guide's ``limit=offset,count``. Raises ``invalid_limit``; offsets go no deeper than 10,000."""
    found = re.fullmatch(r"\s*([0-9]{1,9})\s*,\s*([0-9]{1,9})\s*", str(text), re.ASCII)
    if not found:
        raise _invalid("limit", "limit is offset,count, for example 0,20.")
    offset, number = int(found[1]), int(found[2])
    if not 1 <= number <= LARGEST_PAGE:
        raise _invalid("limit", f"The count in limit must be between 1 and {LARGEST_PAGE}.")
    if offset > DEEPEST_OFFSET:
        raise _invalid("limit", f"The offset in limit may be at most {DEEPEST_OFFSET}; narrow the search instead.")
    return offset, number


_READERS: dict[str, Any] = {
    "country": _read_country,
    "region": _reader("region", 80, "state"),
    "city": _reader("city", 80),
    "area": _read_area,
    "pattern": _read_pattern,
    "match": _read_match,
    "type": _read_type,
    "sms": _flag("sms"),
    "voice": _flag("voice"),
    "limit": _read_limit,
    "after": _read_after,
}


# -- cursors ------------------------------------------------------------------------------------------------------


def write_cursor(direction: str, e164: str) -> str:
    """The place in the results from which another page goes on; :func:`read_cursor` reads it."""
    return base64.urlsafe_b64encode(f"{direction[0]}{e164[1:]}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[str, str]:
    """("after" or "before", a number), or ("after", "") for the first page. Raises ``invalid_after``."""
    if not cursor:
        return "after", ""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        text = ""
    if not re.fullmatch(r"[ab][0-9]{6,15}", text):
        raise _invalid("after", "This page address is broken. Start from the first page.")
    return ("after" if text[0] == "a" else "before"), f"+{text[1:]}"


def without(query: SearchQuery, *names: str) -> SearchQuery:
    """The query with some filters dropped, from its first page."""
    empty: dict[str, Any] = {"sms": False, "voice": False}
    cities = () if "city" in names else query.cities
    return replace(query, after="", offset=0, cities=cities, **{name: empty.get(name, "") for name in names})
