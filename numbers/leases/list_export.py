"""Lists of calls and messages as tables for download."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import models

from portal.core.monthly_list import Cursor, Page

PAGE = 1000
MOST_ROWS, MOST_PAGES = 100_000, 200
_TIME = "%Y-%m-%d %H:%M:%S"  # UTC
Row = TypeVar("Row", bound=models.Model)


def table(
    header: Sequence[object],
    page_of: Callable[[Cursor | None, int], Page[Row]],
    line: Callable[[Row], Sequence[object]],
    *,
    what: str,
) -> Iterator[Sequence[object]]:
    """A header, then one line per row, newest first. ``page_of`` gets where a page begins and how long it may be: pages
    are read while they are sent, so that no transaction waits for a slow reader. The last line says so when a table
    ends early; ``what`` names the rows there."""
    yield header
    page, sent = Page[Row](), 0
    for _ in range(MOST_PAGES):
        page = page_of(page.following, min(PAGE, MOST_ROWS - sent))
        yield from map(line, page.rows)
        sent += len(page.rows)
        if page.following is None or sent >= MOST_ROWS:
            break
    if before := page.following:
        yield [f"This table ends here. Choose a time before {spell(before.at)} UTC for the {what} before these."]


def spell(at: datetime | None) -> str:
    """UTC, as spreadsheets read it; "" for none."""
    return f"{at:{_TIME}}" if at else ""
