"""Tables for download, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse


class _Line:
    """A file for the csv module that hands each line back."""

    def write(self, text: str) -> str:
        return text


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Each row as a line of CSV. What people typed goes through :func:`plain` first."""
    writer = csv.writer(_Line())
    for row in rows:
        yield writer.writerow(row)


def plain(text: str) -> str:
    """A cell that a spreadsheet takes as text: a leading ``=`` or ``+`` would make it a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"} else text


def download(rows: Iterable[Iterable[object]], name: str) -> StreamingHttpResponse:
    """The answer that a browser saves as ``name``; rows are read while it is sent."""
    response = StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
