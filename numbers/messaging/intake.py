"""Stores what gateways hand over, before they are answered: once, however often it is sent, by however many at the same
moment."""

from datetime import datetime, timedelta

from django.db import connection

from numbers.leases.models import LIVE, Lease
from numbers.messaging import joining
from numbers.messaging.decoding import text
from numbers.messaging.sms import Sms
from numbers.messaging.storing import Stored, held_by, store_message
from portal.core.errors import DomainError
from portal.core.patient import patient_transaction

KEYS_KEPT = timedelta(days=7)  # no gateway tries for so long

_KEY = """
INSERT INTO numbers_messagekey (switch_id, digest, purge_after) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""


def store(*, sms: Sms, now: datetime) -> Stored:
    """For whoever has the number now: the customer of an active, unpaid or suspended lease.

    Raises ``unknown_number`` (404) when nobody has it, and OperationalError when that takes too long: nothing is stored
    then, and the gateway may send it again.
    """
    with patient_transaction():
        lease = _lease(sms.e164)
        if sms.identity and not _is_new(sms, now):
            return Stored(is_new=False)
        if sms.part:
            return joining.add_part(sms=sms, part=sms.part, lease=lease, now=now)
        message = store_message(
            lease=lease,
            received_at=now,
            now=now,
            sent_at=sms.sent_at,
            source=sms.stored_source,
            destination=sms.e164,
            text=text.decode(sms.content, sms.alphabet),
            encoding=sms.encoding,
            **sms.facts,
        )
        return Stored(is_new=True, message=message)


def _lease(e164: str) -> Lease:
    """Raises ``unknown_number``."""
    live = Lease.objects.filter(number__e164=e164, status__in=LIVE).only("number_id", "project_id", "status")
    lease = held_by(live) if e164 else None
    if lease is None:
        raise DomainError("unknown_number", "Nobody here has this number.", status=404)
    return lease


def _is_new(sms: Sms, now: datetime) -> bool:
    """Waits for whoever is just storing the same."""
    with connection.cursor() as cursor:
        cursor.execute(_KEY, [sms.switch_id, sms.digest, now + KEYS_KEPT])
        return bool(cursor.rowcount)
