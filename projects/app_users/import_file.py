"""Reading a customer's list of app users, as the programs of this world export it.

The rules for one row are those of a single app user; they are applied by the job (:mod:`projects.app_users.importing`).
Here a file is refused only as a whole.
"""

import csv
import io
from dataclasses import dataclass
from typing import NamedTuple

from portal.core.errors import DomainError

FIELD = "file"
MOST_BYTES, MOST_ROWS, MOST_CELL = 1024 * 1024, 10_000, 500
COLUMNS = ("username", "display_name", "password")
# What a column may be called, without spaces and signs, in lower case.
NAMES = {
    "username": {"username", "appusername", "loginid", "appusernameloginid", "login", "user", "userid", "sipusername",
                 "extension", "benutzername", "benutzer"},
    "display_name": {"displayname", "name", "fullname", "anzeigename", "callername"},
    "password": {"password", "sippassword", "secret", "sipsecret", "passwort", "kennwort"},
}  # fmt: skip
SEPARATORS = ",;\t"
_FOREIGN = {b"PK\x03\x04": "an Excel workbook", b"\xd0\xcf\x11\xe0": "an Excel workbook", b"%PDF": "a PDF"}


class Row(NamedTuple):
    """As it stands in the file, trimmed. ``line`` counts from 1."""

    line: int
    username: str
    display_name: str
    password: str


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where each of COLUMNS stands; a file may lack the last two."""

    places: dict[str, int]

    def row(self, line: int, cells: list[str]) -> Row:
        values = [_cell(cells, self.places.get(name)) for name in COLUMNS]
        return Row(line, *values)


def read(data: bytes) -> list[Row]:
    """The rows of a CSV file (comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252), blank ones left out.

    The first line may name the columns, in any order; others are left alone. Without such a line they are username,
    display name, password. Raises ``app_user_file_invalid`` and ``app_user_file_too_large`` (field ``file``).
    """
    if len(data) > MOST_BYTES:
        raise too_large()
    text = _decoded(data)
    separator, text, skipped = _separator(text)
    rows: list[Row] = []
    columns: _Columns | None = None
    for line, cells in _lines(text, separator, skipped):
        if not any(cell.strip() for cell in cells):
            continue
        if columns is None:
            columns, named = _columns(cells)
            if named:
                continue
        if len(rows) == MOST_ROWS:
            raise DomainError(
                "app_user_file_too_large",
                f"The file has more than {MOST_ROWS:,} rows. Divide it, and import one part after the other.",
                field=FIELD,
                status=422,
            )
        rows.append(columns.row(line, cells))
    if not rows:
        raise _invalid("The file has no rows. Put one app user on each line, the username first.")
    return rows


def too_large() -> DomainError:
    message = f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Divide it, and leave out other columns."
    return DomainError("app_user_file_too_large", message, field=FIELD, status=422)


def _invalid(message: str) -> DomainError:
    return DomainError("app_user_file_invalid", message, field=FIELD, status=422)


def _decoded(data: bytes) -> str:
    for beginning, what in _FOREIGN.items():
        if data.startswith(beginning):
            raise _invalid(f"This is {what}. Save the list as CSV, and choose that file.")
    # Windows-1252 is what Excel writes in Western Europe.
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise _invalid("This is not a text file. Save the list as CSV (UTF-8), and choose that file.")


def _separator(text: str) -> tuple[str, str, int]:
    """The sign between cells, the text without Excel's ``sep=;``, and how many lines that took."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and first[4:].strip(" ")[:1] in SEPARATORS and len(first.strip(" ")) == 5:
        return first.strip(" ")[4], rest, 1
    line = next((each for each in text.split("\n") if each.strip()), "")
    named = [each for each in SEPARATORS if _places(line.split(each))]
    if named:
        return max(named, key=line.count), text, 0
    return max(SEPARATORS, key=line.count), text, 0


def _lines(text: str, separator: str, line: int) -> list[tuple[int, list[str]]]:
    """Each with the number of its first line."""
    found = []
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    before = 0
    try:
        for cells in reader:
            found.append((line + before + 1, cells))
            before = reader.line_num
    except csv.Error:
        place = line + before + 1
        raise _invalid(f"Line {place} cannot be read: a quotation mark in it is not closed, or stands alone.") from None
    return found


def _columns(first: list[str]) -> tuple[_Columns, bool]:
    """Where the columns stand, and whether the first line only names them."""
    places = _places(first)
    if "username" in places:
        return _Columns(places), True
    if 0 in places.values() or len(places) > 1:  # one such word further on may be somebody's password
        raise _invalid("The first line names the columns, but none of them “username”.")
    if len(first) > len(COLUMNS):
        raise _invalid(
            f"The rows have {len(first)} columns, and the first line does not name them. Put “username”, "
            "“display_name” and “password” above theirs."
        )
    return _Columns({name: place for place, name in enumerate(COLUMNS)}), False


def _places(cells: list[str]) -> dict[str, int]:
    plain = ["".join(each for each in cell.lower() if each.isalnum()) for cell in cells]
    places = {}
    for name, words in NAMES.items():
        place = next((place for place, word in enumerate(plain) if word in words), None)
        if place is not None:
            places[name] = place
    return places


def _cell(cells: list[str], place: int | None) -> str:
    """An apostrophe at the beginning is a spreadsheet's way to say that ``+44…`` or ``=x`` is text."""
    if place is None or place >= len(cells):
        return ""
    return cells[place].strip().removeprefix("'")[:MOST_CELL]
