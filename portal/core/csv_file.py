"""Reading tables that customers export from whatever program they have: CSV of any separator and common encoding."""

import csv
import io
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

SEPARATORS = ",;\t"
_FOREIGN = {b"PK\x03\x04": "an Excel workbook", b"\xd0\xcf\x11\xe0": "an Excel workbook", b"%PDF": "a PDF"}
SHORTENED = "A spreadsheet has shortened this number. Format the column as text, and export it again."
_SHORT = re.compile(r"[0-9][.,][0-9]+E\+[0-9]+", re.IGNORECASE)  # a long number as spreadsheets show it
Names = Mapping[str, Collection[str]]  # of columns: what each may be called, in small letters without spaces and signs


class CsvError(Exception):
    """The file is no table; ``message`` is for whoever sent it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class Line:
    number: int  # of its first line in the file, from 1
    cells: list[str]


def read_lines(data: bytes, names: Names) -> list[Line]:
    """The lines of a CSV file that are not blank (comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252; perhaps with
    Excel's ``sep=;``). ``names`` tell which sign separates a first line that names the columns. Raises CsvError."""
    separator, text, skipped = _separator(_decoded(data), names)
    return [line for line in _lines(text, separator, skipped) if any(cell.strip() for cell in line.cells)]


def places(cells: list[str], names: Names) -> dict[str, int]:
    """Where each column of ``names`` stands in a line that names them; those that it has."""
    plain = ["".join(each for each in cell.lower() if each.isalnum()) for cell in cells]
    found = {}
    for name, words in names.items():
        place = next((place for place, word in enumerate(plain) if word in words), None)
        if place is not None:
            found[name] = place
    return found


def cell(cells: list[str], place: int | None, most: int) -> str:
    """Trimmed, at most ``most`` characters; "" where the line has no such cell. An apostrophe at the beginning is a
    spreadsheet's way to say that ``+44…`` or ``=x`` is text."""
    if place is None or place >= len(cells):
        return ""
    return cells[place].strip().removeprefix("'")[:most]


def is_shortened(text: str) -> bool:
    """Whether digits are lost for good; SHORTENED says so."""
    return bool(_SHORT.fullmatch(text))


def _decoded(data: bytes) -> str:
    for beginning, what in _FOREIGN.items():
        if data.startswith(beginning):
            raise CsvError(f"This is {what}. Save the list as CSV, and choose that file.")
    # Windows-1252 is what Excel writes in Western Europe.
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise CsvError("This is not a text file. Save the list as CSV (UTF-8), and choose that file.")


def _separator(text: str, names: Names) -> tuple[str, str, int]:
    """The sign between cells, the text without Excel's ``sep=;``, and how many lines that took."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and first[4:].strip(" ")[:1] in SEPARATORS and len(first.strip(" ")) == 5:
        return first.strip(" ")[4], rest, 1
    line = next((each for each in text.split("\n") if each.strip()), "")
    named = [each for each in SEPARATORS if places(line.split(each), names)]
    return max(named or SEPARATORS, key=line.count), text, 0


def _lines(text: str, separator: str, skipped: int) -> list[Line]:
    found = []
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    before = 0
    try:
        for cells in reader:
            found.append(Line(skipped + before + 1, cells))
            before = reader.line_num
    except csv.Error:
        place = skipped + before + 1
        raise CsvError(f"Line {place} cannot be read: a quotation mark in it is not closed, or stands alone.") from None
    return found
