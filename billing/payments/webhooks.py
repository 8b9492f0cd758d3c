"""Events of the gateway: stored once, and only a trigger to look at the top-up they point to."""

import logging
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Q

from billing.mode import livemode
from billing.payments.models import StripeEvent, TopUp
from portal.core.errors import DomainError
from portal.jobs.outbox import enqueue

log = logging.getLogger(__name__)
# Whatever may change what a payment is worth. Other types are stored and left alone.
PREFIXES = ("checkout.session.", "payment_intent.", "charge.", "refund.")


@transaction.atomic
def accept(event: dict[str, Any]) -> bool:
    """Stores a verified event and queues the look at its top-up. False if it was known already.

    Raises DomainError ``bad_event`` for one that makes no sense or is of the other mode.
    """
    event_id, kind, subject = _parts(event)
    if event["livemode"] is not livemode():
        log.error("payments.other_mode", extra={"event": event_id, "livemode": event["livemode"]})
        raise DomainError("bad_event", "The event is of the other mode (live or sandbox).", status=400)
    top_up = _top_up_of(subject) if kind.startswith(PREFIXES) else None
    _, stored = StripeEvent.objects.get_or_create(
        event_id=event_id,
        defaults={
            "type": kind,
            "livemode": event["livemode"],
            "top_up": top_up,
            # Not the whole object: the gateway keeps it, and it holds the payer's personal data.
            "payload": {key: _text(subject.get(key)) for key in ("id", "object", "status", "payment_intent")},
        },
    )
    if not stored:
        return False
    if top_up is not None:
        # The session's name, in case the answer that named it never reached us. Not written here: while a job asks
        # the gateway about this top-up, the row is locked.
        session = _text(subject.get("id")) if kind.startswith("checkout.session.") and top_up.session_id is None else ""
        payload = {"top_up": top_up.pk, "session": session}
        enqueue("payments.sync", payload, key=f"payments.sync:{event_id}")
    elif kind.startswith(PREFIXES):
        log.warning("payments.unknown_reference", extra={"event": event_id, "type": kind})
    return True


def _parts(event: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    event_id, kind, data = _text(event.get("id")), _text(event.get("type")), event.get("data")
    subject = data.get("object") if isinstance(data, dict) else None
    livemode_known = isinstance(event.get("livemode"), bool)
    if not (event_id and kind and len(kind) <= 100 and isinstance(subject, dict) and livemode_known):
        raise DomainError("bad_event", "This is not an event.", status=400)
    return event_id, kind, subject


def _text(value: Any) -> str:
    return value.replace("\x00", "")[:255] if isinstance(value, str) else ""


def _top_up_of(subject: dict[str, Any]) -> TopUp | None:
    """By our own reference or by the gateway's ids. Who points to the wrong top-up only makes us look at it."""
    metadata = subject.get("metadata")
    own = _uuid(subject.get("client_reference_id")) or _uuid(
        metadata.get("top_up") if isinstance(metadata, dict) else None
    )
    kind, subject_id = _text(subject.get("object")), _text(subject.get("id"))
    intent = subject_id if kind == "payment_intent" else _text(subject.get("payment_intent"))
    same = Q(ref=own) if own else Q(pk=None)
    if kind == "checkout.session" and subject_id:
        same |= Q(session_id=subject_id)
    if intent:
        same |= Q(payment_intent=intent)
    return TopUp.objects.filter(same).first()


def _uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
