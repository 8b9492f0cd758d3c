"""Messages as a table for download."""

from collections.abc import Iterator, Sequence

from numbers.messaging import log_queries as queries
from numbers.messaging.models import Message
from projects.models import Project

HEADER = [
    "Received (UTC)", "From", "Number", "Text", "Status", "Parts", "Missing parts", "Encoding", "Sent (UTC)",
    "Message ID",
]  # fmt: skip
PAGE = 1000
MOST_ROWS, MOST_PAGES = 100_000, 200
_TIME = "%Y-%m-%d %H:%M:%S"  # UTC


def rows(project: Project, only: queries.MessageFilter) -> Iterator[Sequence[object]]:
    """A header, then one row per message, newest first, read page by page while they are sent. The last row says so
    when a table ends early."""
    yield HEADER
    page, sent = queries.MessagePage(), 0
    for _ in range(MOST_PAGES):
        page = queries.page(project, only, before=page.following, limit=min(PAGE, MOST_ROWS - sent))
        yield from map(_row, page.rows)
        sent += len(page.rows)
        if page.following is None or sent >= MOST_ROWS:
            break
    if before := page.following:
        yield [f"This table ends here. Choose a time before {before.at:{_TIME}} UTC for the messages before these."]


def _row(message: Message) -> list[object]:
    return [
        f"{message.received_at:{_TIME}}",
        message.source,
        message.destination,
        "" if message.text is None else message.text,
        message.get_status_display(),
        message.parts,
        " ".join(map(str, message.missing_parts)),
        message.get_encoding_display(),
        f"{message.sent_at:{_TIME}}" if message.sent_at else "",
        message.message_id,
    ]
