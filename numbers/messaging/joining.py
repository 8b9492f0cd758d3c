"""Parts of long messages are joined: in whatever order they come, how often, from how many gateways, also at the same
moment.

All parts of one message stand behind one lock. A sender's reference soon begins anew, so a part that cannot belong to
the ones that wait begins another message.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.utils import Error

from numbers.leases.models import Lease
from numbers.messaging.decoding import text
from numbers.messaging.decoding.udh import Concatenation
from numbers.messaging.models import Message, MessagePart
from numbers.messaging.sms import Sms
from numbers.messaging.storing import Stored, held_by, store_message
from portal.core.patient import patient_transaction

log = logging.getLogger(__name__)
# Parts of one number that wait. Beyond it each becomes a message at once: nothing is lost, and nothing piles up.
MOST_WAITING = 1000
AT_ONCE = 1000  # messages that one run of the task makes of what is there

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def wait() -> timedelta:
    return timedelta(seconds=settings.MESSAGE_PARTS_WAIT_SECONDS)


def add_part(*, sms: Sms, part: Concatenation, lease: Lease, now: datetime) -> Stored:
    """In the transaction of the intake. The message is there when this was the last part of it."""
    _lock(lease.pk, sms.stored_source, part.reference, part.total)
    added = _row(sms, part, lease, now)
    # Of those that are joined, copies of this one are looked for and nothing else.
    known = MessagePart.objects.filter(
        Q(joined_at=None) | Q(joined_at__gt=now - wait(), no=added.no),
        lease=lease,
        source=added.source,
        reference=added.reference,
        total=added.total,
    ).order_by("-id")
    if any(_is_copy(added, each) for each in known):
        return Stored(is_new=False)
    groups: dict[UUID, list[MessagePart]] = {}
    for each in known:
        groups.setdefault(each.group, []).append(each)
    fitting = _fitting(added, groups.values())
    if len(fitting) + 1 == added.total:
        added.joined_at = now
    elif _is_crowded(lease):
        log.warning("messages.parts_crowded", extra={"lease": lease.pk})
        return Stored(is_new=True, message=_message([added], lease, now))
    if fitting:
        added.group, added.waiting_since = fitting[0].group, fitting[0].waiting_since
    added.save(force_insert=True)
    if not added.joined_at:
        return Stored(is_new=True)
    MessagePart.objects.filter(pk__in=[each.pk for each in fitting]).update(joined_at=now)
    return Stored(is_new=True, message=_message([*fitting, added], lease, now))


def join_overdue(*, now: datetime) -> int:
    """Messages of which a part has not come in time are made of what is there; how many."""
    overdue = (
        MessagePart.objects.filter(joined_at=None, waiting_since__lte=now - wait())
        .order_by("waiting_since", "group")
        .values_list("waiting_since", "group")
        .distinct()
    )
    return sum(_joined_as_far(group, now) for _, group in overdue[:AT_ONCE])


def _joined_as_far(group: UUID, now: datetime) -> bool:
    """False when the last part came a moment ago, or when it has to be tried again."""
    try:
        with patient_transaction():
            waiting = MessagePart.objects.filter(group=group, joined_at=None)
            first = waiting.first()
            lease = held_by(Lease.objects.filter(pk=first.lease_id)) if first else None
            if first is None or lease is None:
                return False
            _lock(lease.pk, first.source, first.reference, first.total)
            if parts := list(waiting):
                waiting.update(joined_at=now)
                _message(parts, lease, now)
            return bool(parts)
    except Error as error:  # the others do not wait for this one; the error itself may quote the text
        log.warning("messages.parts_not_joined", extra={"group": str(group), "error": type(error).__name__})
        return False


def _lock(lease_id: int, source: str, reference: str, total: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [repr(("numbers.messaging", lease_id, source, reference, total))])


def _row(sms: Sms, part: Concatenation, lease: Lease, now: datetime) -> MessagePart:
    return MessagePart(
        group=uuid4(),
        lease=lease,
        source=sms.stored_source,
        destination=sms.e164,
        reference=part.reference,
        total=part.total,
        no=part.no,
        content=sms.content,
        alphabet=sms.alphabet,
        encoding=sms.encoding,
        sent_at=sms.sent_at,
        received_at=now,
        waiting_since=now,
        **sms.facts,
    )


def _is_copy(added: MessagePart, other: MessagePart) -> bool:
    """By its text: gateways do not all hand it over in the same alphabet."""
    return added.no == other.no and _text(added) == _text(other)


def _text(part: MessagePart) -> str:
    return text.decode(bytes(part.content), part.alphabet)


def _fitting(added: MessagePart, groups: Iterable[Sequence[MessagePart]]) -> Sequence[MessagePart]:
    """The waiting parts that this one belongs to: those that lack it; of several the ones in its alphabet, then those
    that were sent at about the same time. None: it is the first of its message."""
    lacking = [parts for parts in groups if added.no not in {each.no for each in parts}]
    return min(lacking, key=lambda parts: _distance(added, parts), default=[])


def _distance(added: MessagePart, parts: Sequence[MessagePart]) -> tuple[bool, timedelta]:
    apart = min(abs(_moment(added) - _moment(each)) for each in parts)
    return all(each.alphabet != added.alphabet for each in parts), apart


def _moment(part: MessagePart) -> datetime:
    return part.sent_at or part.received_at


def _is_crowded(lease: Lease) -> bool:
    return MessagePart.objects.filter(lease=lease, joined_at=None)[:MOST_WAITING].count() == MOST_WAITING


def _message(parts: Sequence[MessagePart], lease: Lease, now: datetime) -> Message:
    """Of what is there, in the order of its numbers; the rest is said to be missing."""
    ordered, last = sorted(parts, key=attrgetter("no")), max(parts, key=attrgetter("received_at"))
    here = {each.no for each in ordered}
    return store_message(
        lease=lease,
        received_at=last.received_at,
        now=now,
        sent_at=min((each.sent_at for each in ordered if each.sent_at), default=None),
        source=last.source,
        destination=last.destination,
        text=text.joined((each.no, bytes(each.content), each.alphabet) for each in ordered),
        encoding=ordered[0].encoding,
        parts=last.total,
        missing_parts=[no for no in range(1, last.total + 1) if no not in here],
        switch_id=last.switch_id,
        gateway_message_id=last.gateway_message_id,
        smsc=last.smsc,
    )
