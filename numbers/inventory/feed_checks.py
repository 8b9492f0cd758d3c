"""The checks on each line of a supplier's feed: an offer, or why the line is rejected."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from numbers.inventory import numbering_plan, spelling
from numbers.inventory.feed import HEADER, Line
from numbers.inventory.models import NumberType
from portal.accounts import countries

# What an offer sets, by the names of the catalogue's columns.
COLUMNS = (
    "country",
    "region",
    "city",
    "type",
    "sms",
    "voice",
    "setup_price",
    "monthly_price",
    "docs_required",
    "supplier_ref",
)
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
PRICE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
RETIRED_PREFIX = "retired:"  # in place of the id of a number whose supplier gave it to another one
MAX_DIGITS = 15  # of a number; a field with more holds two
YES, NO = {"yes", "1", "true"}, {"no", "0", "false"}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected line, and what may say which number of the catalogue it stands for."""

    line: int
    e164: str
    reason: str
    supplier: str = ""
    supplier_ref: str = ""
    is_known_by_ref_only: bool = False  # the number is another line's
    hides: bool = False  # it may hold more than one line, or less than one: what it names is not all it stands for


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
    is_last_open: bool


class _RowError(Exception):
    pass


def check(line: Line) -> Offer | Rejected:
    try:
        return _check(line)
    except _RowError as error:
        fields = dict(zip(HEADER, line.fields, strict=True))
        hides = line.hides or line.is_last_open or sum(map(str.isdigit, fields["e164"])) > MAX_DIGITS
        return Rejected(
            line.number, fields["e164"][:20], str(error), fields["supplier"], fields["supplier_id"], hides=hides
        )


def _check(line: Line) -> Offer:
    if line.fault:
        raise _RowError(line.fault)
    e164, country, region, city, kind, abilities, setup, monthly, docs, supplier, ref = line.fields
    region, city = spelling.tidy(region), spelling.tidy(city)
    kind = _number_type(e164, country, kind)
    able = _capabilities(abilities)
    if docs.lower() not in YES | NO:
        raise _RowError("docs_required is yes or no")
    _check_texts(region, city, supplier, ref)
    return Offer(
        line.number,
        e164,
        country,
        region,
        city,
        kind,
        "sms" in able,
        "voice" in able,
        _price("setup", setup),
        _price("monthly", monthly),
        docs.lower() in YES,
        supplier,
        ref,
        line.is_last_open,
    )


def _number_type(e164: str, country: str, text: str) -> str:
    """The type that the text names, if the number can be one of the country's."""
    if not E164.fullmatch(e164):
        raise _RowError(f"not an E.164 number: + and 7 to 15 digits{_spreadsheet_damage(e164)}")
    if country not in countries.NAMES:
        raise _RowError(f"unknown country {country[:10]!r}: two upper-case letters")
    kind = text.lower().replace("-", "")
    if kind not in NumberType.values:
        raise _RowError(f"type is neither {', '.join(NumberType.values[:-1])} nor {NumberType.values[-1]}")
    check_number(e164, country, tollfree=kind == NumberType.TOLLFREE)
    return kind


def _capabilities(text: str) -> set[str]:
    able = set(re.split(r"[|;+ ]+", text.lower())) - {""}
    if not able or able - {"voice", "sms"}:
        raise _RowError("capabilities are voice, sms or voice|sms")
    return able


def _check_texts(region: str, city: str, supplier: str, ref: str) -> None:
    for name, text, longest in (
        ("region", region, 80),
        ("city", city, 80),
        ("supplier", supplier, 40),
        ("supplier_id", ref, 64),
    ):
        if len(text) > longest or not text.isprintable():
            raise _RowError(f"{name} is longer than {longest} characters or has control characters")
    if not supplier or not ref:
        raise _RowError("supplier and supplier_id may not be empty")
    if ref.startswith(RETIRED_PREFIX):
        raise _RowError(f"a supplier_id may not begin with {RETIRED_PREFIX}")


def _spreadsheet_damage(e164: str) -> str:
    """What a spreadsheet did to a number, and what to do. Nothing is repaired: a guess would sell another number."""
    if re.fullmatch(r"[0-9][.,]?[0-9]*E\+?[0-9]+", e164, re.IGNORECASE):
        return "; a spreadsheet has rounded it: import the column as text"
    if re.fullmatch(r"[0-9]{7,15}", e164):
        return "; the + is lost: import the column as text" if not e164.startswith("00") else "; + in place of 00"
    return "; without the apostrophe" if e164[:1] in ("'", "’") else ""


def _price(name: str, text: str) -> str:
    if PRICE.fullmatch(text):
        return text
    try:
        negative = Decimal(text) < 0
    except InvalidOperation:
        negative = False
    raise _RowError(f"{name} is negative" if negative else f"{name} is not a price (at most 6 decimals, no currency)")


def check_number(e164: str, country: str, *, tollfree: bool) -> None:
    """The number must be in the numbering plan of the country that the supplier names.

    Countries with one calling code share parts of their plans (mobile numbers of Norway and Svalbard, of Italy and the
    Vatican, toll-free numbers of North America): what is in both plans is believed to the supplier. A toll-free number
    that is sold as another kind is the country's that libphonenumber says.
    """
    code = countries.calling_code(country)
    if not e164.startswith(code, 1):
        raise _RowError(f"numbers of {country} start with +{code}")
    national = e164[1 + len(code) :]
    owner = numbering_plan.owner(national, int(code))
    if numbering_plan.is_valid(national, country) and (
        tollfree or owner == country or not numbering_plan.is_tollfree(national, country)
    ):
        return
    if owner not in ("", country) and numbering_plan.is_valid(national, owner):
        raise _RowError(f"a number of {owner}, not of {country}")
    raise _RowError(f"not a valid number of {country}")
