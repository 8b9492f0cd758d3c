"""A supplier's feed: the CSV format (docs/inventory.md), read line by line."""

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

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
OPTIONAL_COLUMNS = {"region", "city"}
TRUNCATABLE = {"e164", "setup", "monthly"}  # shorter, they are another number and another price
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
