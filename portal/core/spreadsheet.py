"""Tables for download, safe to open in a spreadsheet of any language."""

import csv
import re
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse

from portal.core import rate_limit

BOM = "\ufeff"  # without it Excel takes UTF-8 for the country's old encoding
# What begins a formula or a DDE call, also in the full-width and small forms that Excel turns into the plain ones.
TRIGGERS = "=+\\-@|%＝＋－＠｜％﹦﹢﹣﹫﹪−"
# What programs drop or do not show: blanks, control characters, zero-width and directional ones.
UNSEEN = "\\s\0-\x1f\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
# Where a cell may begin: at the start, and wherever a spreadsheet cuts that takes ; or tab for the separator (then
# quotes in the middle of what it takes for a cell hold nothing together). Quotes and the unseen before it do not help.
BEGINS = re.compile(rf"(^|[;\t\r\n\v\f\x85\u2028\u2029])(?=[{UNSEEN}\"']*[{TRIGGERS}])")
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class _Line:
    """A file for the csv module that hands each line back."""

    def write(self, text: str) -> str:
        return text


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A byte order mark, then each row as a line of CSV. Text goes through :func:`plain`; numbers and days do not."""
    writer = csv.writer(_Line())
    yield BOM
    for row in rows:
        yield writer.writerow([plain(cell) if isinstance(cell, str) else cell for cell in row])


def plain(text: str) -> str:
    """A cell that a spreadsheet takes as text: an apostrophe stands before whatever would begin a formula.

    A telephone number in international format stays as it is: a sign and digits are a number, and nothing runs.
    """
    if E164.fullmatch(text):
        return text
    return "'" + text if text[:1] in {"\t", "\r", "\n"} else BEGINS.sub(r"\1'", text)


def download(request: HttpRequest, rows: Iterable[Iterable[object]], name: str) -> StreamingHttpResponse:
    """The answer that a browser saves as ``name``; rows are read while it is sent.

    Raises ``rate_limited`` when the person has had more than EXPORTS_PER_MINUTE.
    """
    rate_limit.hit("exports", f"user-{request.user.pk}", per_minute=settings.EXPORTS_PER_MINUTE)
    response = StreamingHttpResponse(lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
