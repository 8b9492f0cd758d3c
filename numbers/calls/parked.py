"""Parked call records are looked at by staff and resolved, with a note of what was found out."""

from datetime import datetime

from numbers.calls.models import ParkedCallRecord


def resolve(*, record: ParkedCallRecord, note: str, by: str, now: datetime) -> bool:
    """``by``: e-mail. False when somebody has resolved it already: the first note stays."""
    open_ones = ParkedCallRecord.objects.filter(pk=record.pk, resolved_at=None)
    return bool(open_ones.update(resolved_at=now, resolved_by=by, note=note))
