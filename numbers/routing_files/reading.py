"""A customer's table of routing. Here it is refused only as a whole; what a row does is :mod:`.columns`."""

from typing import NamedTuple

from numbers.routing_files.columns import COLUMNS, NAME, NUMBER, Cells
from portal.core import csv_file
from portal.core.errors import DomainError

FIELD = "file"
MOST_BYTES, MOST_ROWS, MOST_CELL = 1024 * 1024, 10_000, 10_000
# What a column may be called besides its own name, without spaces and signs, in small letters.
ALSO = {NUMBER: {"did", "e164", "phonenumber"}, "calls_to": {"callsgoto", "option"}}
NAMES = {each: {each.replace("_", ""), *ALSO.get(each, set())} for each in COLUMNS if each != NAME}


class Row(NamedTuple):
    line: int  # from 1
    number: str  # as it stands in the file
    cells: Cells  # by column, trimmed; those that the file has


def read(data: bytes) -> list[Row]:
    """The rows of a CSV file whose first line names the columns, in any order and among others.

    Raises ``routing_file_invalid`` and ``routing_file_too_large`` (field ``file``).
    """
    if len(data) > MOST_BYTES:
        raise too_large()
    try:
        lines = csv_file.read_lines(data, NAMES)
    except csv_file.CsvError as error:
        raise _invalid(error.message) from None
    if len(lines) < 2:
        raise _invalid("The file has no rows. Put one number on each line, below a line with the names of the columns.")
    if len(lines) > MOST_ROWS + 1:
        raise _too_large(f"The file has more than {MOST_ROWS:,} rows")
    places = csv_file.places(lines[0].cells, NAMES)
    if NUMBER not in places:
        raise _invalid("The first line has to name the columns, and one of them has to be “number”.")
    if len(places) == 1:
        names = ", ".join(each for each in COLUMNS if each not in (NUMBER, NAME))
        raise _invalid(f"Besides “number” the file has none of the columns that can be set: {names}.")
    rows = []
    for line in lines[1:]:
        cells = {name: csv_file.cell(line.cells, place, MOST_CELL) for name, place in places.items()}
        rows.append(Row(line.number, cells.pop(NUMBER), cells))
    return rows


def too_large() -> DomainError:
    return _too_large(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB")


def _too_large(words: str) -> DomainError:
    message = f"{words}. Divide it, or leave out numbers that stay as they are."
    return DomainError("routing_file_too_large", message, field=FIELD, status=422)


def _invalid(message: str) -> DomainError:
    return DomainError("routing_file_invalid", message, field=FIELD, status=422)
