"""The parameters of a search, as forms, addresses and the guide's calls give them."""

import re
from collections.abc import Mapping
from typing import Any

from numbers.inventory import patterns, places, spelling
from numbers.inventory.models import NumberType
from numbers.inventory.search_cursors import invalid, read_cursor
from numbers.inventory.search_query import LARGEST_PAGE, PAGE_SIZE, SearchQuery
from portal.accounts import countries, phone_numbers
from portal.core.errors import DomainError

MATCHES = ("start", "contains", "end")
DEEPEST_OFFSET = 10_000


def parse(params: Mapping[str, Any]) -> SearchQuery:
    """A query from URL or form parameters. Raises the first DomainError (status 400) with its ``field``."""
    query, errors = validate(params)
    if query is None:
        raise next(iter(errors.values()))
    return query


def validate(params: Mapping[str, Any]) -> tuple[SearchQuery | None, dict[str, DomainError]]:
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


def _read_country(params: Mapping[str, Any]) -> str:
    code = _text(params, "country")
    if code not in countries.NAMES:
        raise invalid(
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
            raise invalid(field, f"Use at most {longest} printable characters.")
        return text

    return read_text


def _read_area(params: Mapping[str, Any]) -> str:
    digits = re.sub(r"[ ()\-]", "", _text(params, "area"))
    if not re.fullmatch(r"[0-9]{0,8}", digits):
        raise invalid("area", "An area code has digits only, at most 8.")
    return digits


def _read_pattern(params: Mapping[str, Any]) -> str:
    return phone_numbers.clean(_text(params, "pattern"))


def _read_match(params: Mapping[str, Any]) -> str:
    match = _text(params, "match").lower() or "contains"
    match = {"starts": "start", "ends": "end"}.get(match, match)
    if match not in MATCHES:
        raise invalid("match", "Choose start, contains or end.")
    return match


def _read_type(params: Mapping[str, Any]) -> str:
    kind = re.sub(r"[ _-]", "", _text(params, "type", "number_type")).lower()
    if kind not in ("", "any", *NumberType.values):
        raise invalid("type", f"Choose {NumberType.any_of()}.")
    return "" if kind == "any" else kind


def _flag(field: str) -> Any:
    def read_flag(params: Mapping[str, Any]) -> bool:
        value = _text(params, field).lower()
        if value not in ("", "0", "1", "on", "off", "true", "false", "yes", "no"):
            raise invalid(field, "Use 1 or 0.")
        return value in ("1", "on", "true", "yes")

    return read_flag


def _read_limit(params: Mapping[str, Any]) -> int:
    text = _text(params, "limit") or str(PAGE_SIZE)
    if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) or not 1 <= int(text) <= LARGEST_PAGE:
        raise invalid("limit", f"Choose between 1 and {LARGEST_PAGE} numbers per page.")
    return int(text)


def _read_after(params: Mapping[str, Any]) -> str:
    cursor = _text(params, "after")
    read_cursor(cursor)
    return cursor


def parse_window(text: str) -> tuple[int, int]:
    """The guide's ``limit=offset,count``. Raises ``invalid_limit``; offsets go no deeper than 10,000."""
    found = re.fullmatch(r"\s*([0-9]{1,9})\s*,\s*([0-9]{1,9})\s*", str(text), re.ASCII)
    if not found:
        raise invalid("limit", "limit is offset,count, for example 0,20.")
    offset, number = int(found[1]), int(found[2])
    if not 1 <= number <= LARGEST_PAGE:
        raise invalid("limit", f"The count in limit must be between 1 and {LARGEST_PAGE}.")
    if offset > DEEPEST_OFFSET:
        raise invalid("limit", f"The offset in limit may be at most {DEEPEST_OFFSET}; narrow the search instead.")
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
