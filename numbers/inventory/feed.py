"""A supplier's feed: the CSV format (docs/inventory.md) and the checks on each of its lines."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import NamedTuple, TextIO

from numbers.inventory import plans
from portal.accounts import countries

HEADER = ("e164", "country", "region", "city", "type", "capabilities", "setup", "monthly", "docs_required", "supplier",
          "supplier_id")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
PRICE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
YES, NO = {"yes", "1", "true"}, {"no", "0", "false"}


class FeedError(Exception):
    """The file as a whole cannot be read."""


@dataclass(frozen=True, slots=True)
class Rejected:
    line: int
    e164: str
    reason: str


class Offer(NamedTuple):
    """One checked line."""

    line: int
    e164: str
    country: str
    region: str
    city: str
    type: str
    sms: bool
    voice: bool
    setup: str
    monthly: str
    docs_required: bool
    supplier: str
    supplier_ref: str


class _RowError(Exception):
    pass


def lines(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """(line number in the file, fields in HEADER's order). Raises FeedError for a wrong header or encoding."""
    reader = csv.reader(file)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in HEADER if name not in header]
        if missing:
            raise FeedError(f"The first line must name the columns; missing: {', '.join(missing)}.")
        order = [header.index(name) for name in HEADER]
        for fields in reader:
            if not any(fields):
                continue
            if len(fields) == len(header):
                yield reader.line_num, [fields[index].strip() for index in order]
            else:
                yield reader.line_num, fields[:1]  # told apart by its length
    except UnicodeDecodeError as error:
        raise FeedError(f"The file is not UTF-8 (after line {reader.line_num}).") from error
    except csv.Error as error:
        raise FeedError(f"Line {reader.line_num} is no CSV: {error}.") from error


def check(line: int, fields: list[str]) -> Offer | Rejected:
    try:
        return _check(line, fields)
    except _RowError as refusal:
        return Rejected(line, fields[0][:20] if fields else "", str(refusal))


def _check(line: int, fields: list[str]) -> Offer:
    if len(fields) != len(HEADER):
        raise _RowError("number of fields differs from the header")
    e164, country, region, city, kind, abilities, setup, monthly, docs, supplier, ref = fields
    if not E164.fullmatch(e164):
        raise _RowError("not an E.164 number: + and 7 to 15 digits")
    if country not in countries.NAMES:
        raise _RowError(f"unknown country {country[:10]!r}: two upper-case letters")
    kind = kind.lower().replace("-", "")
    if kind not in ("did", "tollfree"):
        raise _RowError("type is neither did nor tollfree")
    check_number(e164, country, tollfree=kind == "tollfree")
    able = set(re.split(r"[|;+ ]+", abilities.lower())) - {""}
    if not able or able - {"voice", "sms"}:
        raise _RowError("capabilities are voice, sms or voice|sms")
    if docs.lower() not in YES | NO:
        raise _RowError("docs_required is yes or no")
    for name, text, longest in (("region", region, 80), ("city", city, 80), ("supplier", supplier, 40),
                                ("supplier_id", ref, 64)):
        if len(text) > longest or not text.isprintable():
            raise _RowError(f"{name} is longer than {longest} characters or has control characters")
    if not supplier or not ref:
        raise _RowError("supplier and supplier_id may not be empty")
    return Offer(line, e164, country, region, city, kind, "sms" in able, "voice" in able, _price("setup", setup),
                 _price("monthly", monthly), docs.lower() in YES, supplier, ref)


def _price(name: str, text: str) -> str:
    if PRICE.fullmatch(text):
        return text
    try:
        negative = Decimal(text) < 0
    except InvalidOperation:
        negative = False
    raise _RowError(f"{name} is negative" if negative else f"{name} is not a price (at most 6 decimals, no currency)")


def check_number(e164: str, country: str, *, tollfree: bool) -> None:
    """libphonenumber's rules of the country; several countries share a calling code, and toll-free ranges too."""
    code = countries.calling_code(country)
    if not e164.startswith(code, 1):
        raise _RowError(f"numbers of {country} start with +{code}")
    national = e164[1 + len(code):]
    valid = plans.is_valid(national, country)
    if valid and tollfree:
        return
    owner = plans.owner(national, int(code))
    if owner not in ("", country) and plans.is_valid(national, owner):
        raise _RowError(f"a number of {owner}, not of {country}")
    if not valid or not owner:
        raise _RowError(f"not a valid number of {country}")


def without_duplicates(checked: Iterable[Offer | Rejected]) -> Iterator[Offer | Rejected]:
    """Refuses the second line of a number, and the second number of a supplier's id."""
    numbers: dict[str, int] = {}
    refs: dict[tuple[str, str], int] = {}
    for row in checked:
        if isinstance(row, Offer):
            if first := numbers.get(row.e164):
                row = Rejected(row.line, row.e164, f"the number is in line {first} already")
            elif first := refs.get((row.supplier, row.supplier_ref)):
                row = Rejected(row.line, row.e164, f"the supplier's id is in line {first} already")
            else:
                numbers[row.e164] = refs[row.supplier, row.supplier_ref] = row.line
        yield row
