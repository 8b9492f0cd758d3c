"""Messages as a table for download."""

from collections.abc import Iterator, Sequence

from numbers.leases.list_export import spell, table
from numbers.messaging import log_queries as queries
from numbers.messaging.models import Message
from projects.models import Project

HEADER = [
    "Received (UTC)", "From", "Number", "Text", "Status", "Parts", "Missing parts", "Encoding", "Sent (UTC)",
    "Message ID",
]  # fmt: skip


def rows(project: Project, only: queries.MessageFilter) -> Iterator[Sequence[object]]:
    """See :func:`numbers.leases.list_export.table`; one line per message."""
    return table(
        HEADER, lambda before, limit: queries.page(project, only, before=before, limit=limit), _row, what="messages"
    )


def _row(message: Message) -> list[object]:
    return [
        spell(message.received_at),
        message.source,
        message.destination,
        "" if message.text is None else message.text,
        message.get_status_display(),
        message.parts,
        " ".join(map(str, message.missing_parts)),
        message.get_encoding_display(),
        spell(message.sent_at),
        message.message_id,
    ]
