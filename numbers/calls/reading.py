"""Reads what a switch says of one leg of a call.

Values are texts, or JSON numbers, which come here as texts, too. What describes a call is cut to its column and cleaned
of control characters; what it is counted by must be right, or the record is rejected.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from numbers.calls.ending import call_status
from numbers.calls.models import CallRecord, Direction
from portal.accounts import phone_numbers
from portal.core.epoch import EPOCH

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{0,30})?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
UNSTORABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
# Seconds since 1970 of the years 1 to 9998; what is beyond, in milliseconds for instance, is parked at the end of them.
_EARLIEST, _LATEST = Decimal(-62_135_510_400), Decimal(253_370_764_800)
_MICRO, _PARKED_DURATION = Decimal("0.000001"), Decimal(100_000)  # seconds; more than 12 hours is parked
_SIP_CODES = range(100, 700)
_ATTEMPTS = range(32_768)
DESCRIPTIVE = (
    "call_id", "caller_name", "attestation", "target", "gateway", "kind", "answered_by", "hangup_by", "route_source",
    "route_etag",
)  # fmt: skip
_LENGTHS = {
    field.name: int(field.max_length or 0) for field in CallRecord._meta.local_fields if hasattr(field, "max_length")
}


class RecordError(Exception):
    """``code`` is what the switch reads beside the record's ``cdr_id``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Leg:
    """One record as it is stored. Times in UTC, duration in seconds."""

    cdr_id: str
    start: datetime
    end: datetime
    duration: Decimal
    values: dict[str, Any]  # of the columns, as JSON
    says_direction: bool  # whether the switch tells the legs of a call apart


def read(record: Any) -> Leg:
    """Raises RecordError: ``not_an_object``, ``missing_<field>`` or ``bad_<field>``."""
    if not isinstance(record, dict):
        raise RecordError("not_an_object")
    cdr_id = _identifier(record)
    start, end = _required_time(record, "start_time"), _required_time(record, "end_time")
    duration = _duration(record)
    code = _integer(record, "sip_code", _SIP_CODES)
    answer, received = _time(record, "answer_time"), _time(record, "received_at")
    values: dict[str, Any] = {name: _text(record, name) for name in DESCRIPTIVE}
    values |= {
        "cdr_id": cdr_id,
        "start_time": start.isoformat(),
        "answer_time": answer and answer.isoformat(),
        "end_time": end.isoformat(),
        "received_at": received and received.isoformat(),
        "duration": str(duration),
        "direction": _direction(record),
        "did": _e164(_required(record, "did")),
        "caller": _e164(_text(record, "caller")),
        "attempt": _integer(record, "attempt", _ATTEMPTS),
        "sip_code": code,
        "status": call_status(code, duration),
    }
    return Leg(cdr_id, start, end, duration, values, says_direction=bool(_text(record, "leg", 20)))


def cdr_id_of(record: Any) -> str:
    """To name a rejected record by, as far as it has a name."""
    found = record.get("cdr_id") if isinstance(record, dict) else ""
    return UNSTORABLE.sub("", found)[: _LENGTHS["cdr_id"]] if isinstance(found, str) else ""


def _identifier(record: dict[str, Any]) -> str:
    """Never cut or cleaned: two records must not become one."""
    found = record.get("cdr_id")
    if found is None or found == "":
        raise RecordError("missing_cdr_id")
    if not isinstance(found, str) or len(found) > _LENGTHS["cdr_id"] or UNSTORABLE.search(found):
        raise RecordError("bad_cdr_id")
    return found


def _text(record: dict[str, Any], name: str, longest: int = 0) -> str:
    found = record.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise RecordError(f"bad_{name}")
    return UNSTORABLE.sub("", found).strip()[: longest or _LENGTHS[name]]


def _required(record: dict[str, Any], name: str) -> str:
    found = _text(record, name)
    if not found:
        raise RecordError(f"missing_{name}")
    return found


def _decimal(record: dict[str, Any], name: str) -> Decimal | None:
    found = record.get(name)
    if found is None or found == "":
        return None
    if not isinstance(found, str) or not _NUMBER.fullmatch(stripped := found.strip()):
        raise RecordError(f"bad_{name}")
    return Decimal(stripped)


def _required_time(record: dict[str, Any], name: str) -> datetime:
    seconds = _decimal(record, name)
    if seconds is None:
        raise RecordError(f"missing_{name}")
    return _moment(min(max(seconds, _EARLIEST), _LATEST))


def _time(record: dict[str, Any], name: str) -> datetime | None:
    seconds = _decimal(record, name)
    if seconds is None:
        return None
    if not _EARLIEST <= seconds <= _LATEST:
        raise RecordError(f"bad_{name}")
    return _moment(seconds)


def _moment(seconds: Decimal) -> datetime:
    """Since 1970, with a fraction to the microsecond."""
    return EPOCH + timedelta(microseconds=int(seconds * 1_000_000))


def _duration(record: dict[str, Any]) -> Decimal:
    seconds = _decimal(record, "duration")
    if seconds is None:
        raise RecordError("missing_duration")
    return seconds.quantize(_MICRO) if abs(seconds) < _PARKED_DURATION else seconds


def _integer(record: dict[str, Any], name: str, allowed: range) -> int | None:
    """0 stands for none: some switches write it where there was no response."""
    number = _decimal(record, name)
    if number is None or number == 0:
        return None
    if number != number.to_integral_value() or int(number) not in allowed:
        raise RecordError(f"bad_{name}")
    return int(number)


def _direction(record: dict[str, Any]) -> str:
    found = _text(record, "leg", 20).lower()
    if found and found not in Direction.values:
        raise RecordError("bad_leg")
    return found or Direction.IN


def _e164(text: str) -> str:
    """A number with its country code as E.164; what is none stays as it came (a caller may be ``anonymous``)."""
    return phone_numbers.from_machine(text) or text
