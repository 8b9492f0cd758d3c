"""A supplier's feed: the CSV format (docs/inventory.md) and the checks on each of its lines."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple, TextIO

from numbers.inventory import numbering_plan, spelling
from numbers.inventory.models import NumberType
from portal.accounts import countries

HEADER = (
    "e164",
    "country",
    "region",
    "city",
    "type",
    "capabilities",
    "setup",
    "monthly",
    "docs_required",
    "supplier",
    "supplier_id",
)
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
OPTIONAL_COLUMNS = {"region", "city"}
TRUNCATABLE = {"e164", "setup", "monthly"}  # shorter, they are another number and another price
MAX_DIGITS = 15  # of a number; a field with more holds two
YES, NO = {"yes", "1", "true"}, {"no", "0", "false"}
_WORKBOOK = "The file is a spreadsheet's workbook or a ZIP archive. Save the sheet as “CSV UTF-8”, or unpack the file."
_UTF_16 = "The file is UTF-16, a spreadsheet's “Unicode text”. Save it as “CSV UTF-8”."
_FOREIGN_FORMATS = {
    codecs.BOM_UTF16_LE: _UTF_16,
    codecs.BOM_UTF16_BE: _UTF_16,
    b"PK\x03\x04": _WORKBOOK,
    b"\xd0\xcf\x11\xe0": _WORKBOOK,
    b"\x1f\x8b": "The file is compressed (gzip). Unpack it first.",
}


class FeedError(Exception):
    """The file as a whole cannot be read."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file that is not blank."""

    number: int
    fields: list[str]  # in HEADER's order
    fault: str = ""  # of its form, in words
    hides: bool = False  # it may be more than one line
    is_last_open: bool = False  # the file ends in it, without a line end: its last field may be cut off


@dataclass(frozen=True, slots=True)
class Rejected:
    """A refused line, and what may say which number of the catalogue it stands for."""

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


@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """The file as text; a byte order mark is dropped. Raises FeedError for what is no text in UTF-8, and OSError."""
    with path.open("rb") as file:
        begins = file.peek(4)[:4]
        for mark, words in _FOREIGN_FORMATS.items():
            if begins.startswith(mark):
                raise FeedError(words)
        yield io.TextIOWrapper(file, encoding="utf-8-sig", newline="")


class _PhysicalLines:
    """The lines of a text file, as the CSV reader takes them; remembers the last one."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.last = file, ""

    def __iter__(self) -> Iterator[str]:
        for line in self.file:
            self.last = line
            yield line

    @property
    def is_open(self) -> bool:
        return not self.last.endswith(("\n", "\r"))


def lines(file: TextIO) -> Iterator[Line]:
    """The lines after the header that are not blank. Raises FeedError for a wrong header, encoding or quoting."""
    physical = _PhysicalLines(file)
    reader = csv.reader(physical, strict=True)
    try:
        header = _strip_empty_end([name.strip().lower() for name in next(reader, [])])
        order = _column_order(header, physical.last)
        for texts in reader:
            fields = [text.strip() for text in texts]
            if all(_is_blank(text) for text in fields):
                continue
            fields += [""] * (len(header) - len(fields))
            is_open = physical.is_open and len(texts) <= max(order) + 1
            yield Line(
                reader.line_num, [fields[index] for index in order], *_line_fault(texts, header, is_open), is_open
            )
    except UnicodeDecodeError as error:
        line = reader.line_num + error.object[: error.start].count(b"\n") + 1
        raise FeedError(f"The file is not UTF-8: look at line {line}. Save it as “CSV UTF-8”.") from error
    except csv.Error as error:
        raise FeedError(f"Line {reader.line_num} is not CSV: {error}.") from error


def _is_blank(text: str) -> bool:
    """Blanks and separators only, or the invisible marks that files are glued together and ended with."""
    return not text.strip(" \t\xa0\ufeff\u200b\x1a;|")


def _strip_empty_end(fields: list[str]) -> list[str]:
    """Without the empty fields that a spreadsheet leaves at the end of a line."""
    while fields and _is_blank(fields[-1]):
        fields = fields[:-1]
    return fields


def _column_order(header: list[str], line: str) -> list[int]:
    """Where the header has each of HEADER's columns."""
    missing = [name for name in HEADER if name not in header]
    if missing:
        for mark, word in ((";", "semicolons"), ("\t", "tabs")):
            if line.count(mark) >= len(HEADER) - 1:
                raise FeedError(f"The columns are separated by {word}. Save the file with commas.")
        raise FeedError(f"The first line must name the columns; missing: {', '.join(missing)}.")
    if twice := [name for name in HEADER if header.count(name) > 1]:
        raise FeedError(f"The first line names a column twice: {', '.join(twice)}.")
    return [header.index(name) for name in HEADER]


def _line_fault(texts: list[str], header: list[str], is_open: bool) -> tuple[str, bool]:
    """What is wrong with the form of a line, in words, and whether it may be more than one line."""
    fields = _strip_empty_end([text.strip().lower() for text in texts])
    if len(fields) > len(header):
        return "more fields than the header names", True
    if fields == header:
        return "the header again: are these two files in one?", True
    if any("\n" in text and text.count(",") >= len(HEADER) - 1 for text in texts):
        return "a quotation mark takes in whole lines", True
    # A spreadsheet leaves out what is empty at the end of a line.
    if any(name in HEADER and name not in OPTIONAL_COLUMNS for name in header[len(texts) :]):
        return "fewer fields than the header names", False
    if is_open and (last := header[len(texts) - 1]) in TRUNCATABLE:
        return f"the file ends without a line end, so {last} may be cut off", True
    return "", False


def check(line: Line) -> Offer | Rejected:
    try:
        return _check(line)
    except _RowError as refusal:
        fields = dict(zip(HEADER, line.fields, strict=True))
        hides = line.hides or line.is_last_open or sum(map(str.isdigit, fields["e164"])) > MAX_DIGITS
        return Rejected(
            line.number, fields["e164"][:20], str(refusal), fields["supplier"], fields["supplier_id"], hides=hides
        )


def _check(line: Line) -> Offer:
    if line.fault:
        raise _RowError(line.fault)
    e164, country, region, city, kind, abilities, setup, monthly, docs, supplier, ref = line.fields
    region, city = spelling.tidy(region), spelling.tidy(city)
    if not E164.fullmatch(e164):
        raise _RowError(f"not an E.164 number: + and 7 to 15 digits{_spreadsheet_damage(e164)}")
    if country not in countries.NAMES:
        raise _RowError(f"unknown country {country[:10]!r}: two upper-case letters")
    kind = kind.lower().replace("-", "")
    if kind not in NumberType.values:
        raise _RowError(f"type is neither {', '.join(NumberType.values[:-1])} nor {NumberType.values[-1]}")
    check_number(e164, country, tollfree=kind == NumberType.TOLLFREE)
    able = set(re.split(r"[|;+ ]+", abilities.lower())) - {""}
    if not able or able - {"voice", "sms"}:
        raise _RowError("capabilities are voice, sms or voice|sms")
    if docs.lower() not in YES | NO:
        raise _RowError("docs_required is yes or no")
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


def without_duplicates(checked: Iterable[Offer | Rejected]) -> Iterator[Offer | Rejected]:
    """Refuses the second line of a number, and the second number of a supplier's id."""
    numbers: dict[str, int] = {}
    refs: dict[tuple[str, str], int] = {}
    for row in checked:
        if isinstance(row, Offer):
            if first := numbers.get(row.e164):
                # Copied down by a spreadsheet, it is another line's number: only the id says what this one stands for.
                row = _refused(row, f"the number is in line {first} already", is_known_by_ref_only=True)
            elif first := refs.get((row.supplier, row.supplier_ref)):
                row = _refused(row, f"the supplier's id is in line {first} already")
            else:
                numbers[row.e164] = refs[row.supplier, row.supplier_ref] = row.line
        yield row


def _refused(offer: Offer, reason: str, *, is_known_by_ref_only: bool = False) -> Rejected:
    return Rejected(
        offer.line,
        offer.e164,
        reason,
        offer.supplier,
        offer.supplier_ref,
        is_known_by_ref_only,
        hides=offer.is_last_open,
    )
