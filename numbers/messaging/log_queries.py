"""Reads on a project's messages, bounded as :mod:`portal.core.monthly_list` says."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from numbers.leases import queries as leases
from numbers.messaging import message_ids
from numbers.messaging.models import Message
from portal.core.errors import NotFound
from portal.core.monthly_list import Cursor, Holders, MonthlyList, Narrowing, Page
from projects.models import Project

PAGE_SIZE = 50
USUAL = timedelta(days=30)  # of a list without times
MessagePage = Page[Message]
_LIST = MonthlyList(Message, "received_at")


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """``since`` counts, ``until`` does not. ``number``: E.164; ``parts``: one of them is in text or sender."""

    since: datetime
    until: datetime
    number: str = ""
    status: str = ""
    parts: tuple[str, ...] = ()


def page(project: Project, only: MessageFilter, *, before: Cursor | None = None, limit: int = PAGE_SIZE) -> MessagePage:
    """See :meth:`portal.core.monthly_list.MonthlyList.page`."""
    column, ids = leases.holders(project, only.number)
    narrowing = Narrowing()
    if only.status:
        narrowing.add("status = %s", only.status)
    if only.parts:
        narrowing.add(
            "EXISTS (SELECT FROM unnest(%s::text[]) AS part "
            "WHERE strpos(lower(text), part) > 0 OR strpos(lower(source), part) > 0)",
            list(only.parts),
        )
    return _LIST.page(Holders(column, ids, only.since, only.until), narrowing, before=before, limit=limit)


def find(project: Project, message_id: UUID) -> Message:
    """Raises NotFound."""
    times = message_ids.received_between(message_id)
    rows = Message.objects.select_related("lease__number", "number")
    found = (
        rows.filter(project=project, received_at__gte=times[0], received_at__lt=times[1], message_id=message_id).first()
        if times
        else None
    )
    if found is None:
        raise NotFound("This project has no such message.")
    return found
