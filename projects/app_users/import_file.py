"""Reading a customer's list of app users, as the programs of this world export it.

The rules for one row are those of a single app user; they are applied by the job (:mod:`projects.app_users.importing`).
Here a file is refused only as a whole.
"""

from dataclasses import dataclass
from typing import NamedTuple

from portal.core import csv_file
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
        values = [csv_file.cell(cells, self.places.get(name), MOST_CELL) for name in COLUMNS]
        return Row(line, *values)


def read(data: bytes) -> list[Row]:
    """The rows of a CSV file (comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252), blank ones left out.

    The first line may name the columns, in any order; others are left alone. Without such a line they are username,
    display name, password. Raises ``app_user_file_invalid`` and ``app_user_file_too_large`` (field ``file``).
    """
    if len(data) > MOST_BYTES:
        raise too_large()
    try:
        lines = csv_file.read_lines(data, NAMES)
    except csv_file.CsvError as error:
        raise _invalid(error.message) from None
    rows: list[Row] = []
    columns: _Columns | None = None
    for line in lines:
        if columns is None:
            columns, named = _columns(line.cells)
            if named:
                continue
        if len(rows) == MOST_ROWS:
            raise DomainError(
                "app_user_file_too_large",
                f"The file has more than {MOST_ROWS:,} rows. Divide it, and import one part after the other.",
                field=FIELD,
                status=422,
            )
        rows.append(columns.row(line.number, line.cells))
    if not rows:
        raise _invalid("The file has no rows. Put one app user on each line, the username first.")
    return rows


def too_large() -> DomainError:
    message = f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Divide it, and leave out other columns."
    return DomainError("app_user_file_too_large", message, field=FIELD, status=422)


def _invalid(message: str) -> DomainError:
    return DomainError("app_user_file_invalid", message, field=FIELD, status=422)


def _columns(first: list[str]) -> tuple[_Columns, bool]:
    """Where the columns stand, and whether the first line only names them."""
    places = csv_file.places(first, NAMES)
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
