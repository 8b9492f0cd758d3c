"""Prices of calls from a CSV file: all of it or nothing, and twice is the same as once.

Columns: ``country`` (ISO 3166-1 alpha-2, or 001 for numbers of no country), ``price_per_minute``; ``connection_fee``
(0), ``first_interval`` and ``next_interval`` (seconds, 60) may be missing.
"""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from billing.money import MICRO
from billing.pricing.models import CallPrice
from billing.pricing.tariff import Tariff
from portal.accounts import countries

NEEDED = ("country", "price_per_minute")
OPTIONAL = {"connection_fee": "0", "first_interval": "60", "next_interval": "60"}
MOST_ROWS = 1000
LONGEST_INTERVAL = 3600  # seconds


class ImportProblem(Exception):  # noqa: N818  its message is for whoever wrote the file
    """What is wrong and in which line."""


def read(text: str) -> list[Tariff]:
    """Raises :class:`ImportProblem` for the first line that cannot be meant."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        return list(_read(rows))
    except csv.Error as error:
        raise ImportProblem(f"Line {rows.line_num}: {error}.") from None


def _read(rows: "csv.DictReader[str]") -> Iterator[Tariff]:
    columns = list(rows.fieldnames or ())
    for name in NEEDED:
        if name not in columns:
            raise ImportProblem(f"The first line has to name the column {name}.")
    if unknown := [name for name in columns if name not in (*NEEDED, *OPTIONAL)]:
        raise ImportProblem(f"There is no column {unknown[0]!r}; the columns are {', '.join((*NEEDED, *OPTIONAL))}.")
    seen: dict[str, int] = {}
    for count, row in enumerate(rows, start=1):
        line = rows.line_num
        if count > MOST_ROWS:
            raise ImportProblem(f"The file has more than {MOST_ROWS} lines.")
        if None in row or None in row.values():
            raise ImportProblem(f"Line {line}: it has not as many values as the first line has columns.")
        tariff = _tariff({**OPTIONAL, **{name: value.strip() for name, value in row.items()}}, line)
        if tariff.country in seen:
            raise ImportProblem(f"Lines {seen[tariff.country]} and {line}: {tariff.country} has two prices.")
        seen[tariff.country] = line
        yield tariff


def _tariff(row: dict[str, str], line: int) -> Tariff:
    country = row["country"].upper()
    if country not in countries.NAMES and country != CallPrice.INTERNATIONAL:
        raise ImportProblem(f"Line {line}: {country!r} is no country code such as GB, nor {CallPrice.INTERNATIONAL}.")
    return Tariff(
        country=country,
        price_per_minute=_amount(row, "price_per_minute", line),
        connection_fee=_amount(row, "connection_fee", line),
        first_interval=_seconds(row, "first_interval", line),
        next_interval=_seconds(row, "next_interval", line),
    )


def _amount(row: dict[str, str], name: str, line: int) -> Decimal:
    try:
        amount = Decimal(row[name])
        if not (amount.is_finite() and 0 <= amount < 1000 and amount == amount.quantize(MICRO)):
            raise InvalidOperation
    except InvalidOperation:
        raise ImportProblem(
            f"Line {line}: {name} is an amount from 0 to 999 with a decimal point and at most six places, "
            f"not {row[name]!r}."
        ) from None
    return amount.quantize(MICRO)


def _seconds(row: dict[str, str], name: str, line: int) -> int:
    text = row[name]
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= LONGEST_INTERVAL):
        raise ImportProblem(f"Line {line}: {name} is a whole number of seconds from 1 to {LONGEST_INTERVAL}.")
    return int(text)
