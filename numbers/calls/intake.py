"""Stores a batch of call records: each once, however often it is sent, by however many at the same moment.

Keys, records and the answer commit together (docs/adr/0031-call-records-by-month.md).
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from numbers.calls import spending
from numbers.calls.keeping import KEYS_KEPT
from numbers.calls.models import ParkReason
from numbers.calls.partitions import CALLS
from numbers.calls.plausibility import park_reason
from numbers.calls.reading import Leg, RecordError, cdr_id_of, read
from numbers.calls.storable import storable
from portal.core.partitions import month_of
from portal.core.patient import patient_transaction

log = logging.getLogger(__name__)
MOST = 500  # records of a batch
_FURTHEST = timedelta(days=3650)  # a parked record may claim any year

_BATCH = """
INSERT INTO numbers_callrecordbatch (switch_id, batch_id, digest, answer, received_at) VALUES (%s, %s, %s, '{}', %s)
ON CONFLICT DO NOTHING
"""
_EARLIER = "SELECT digest, answer::text FROM numbers_callrecordbatch WHERE switch_id = %s AND batch_id = %s"
_ANSWER = "UPDATE numbers_callrecordbatch SET answer = %s::jsonb WHERE switch_id = %s AND batch_id = %s"
# In the order of the keys, so that two batches with records in common never wait for each other in a circle.
_KEYS = """
INSERT INTO numbers_callrecordkey (switch_id, cdr_id, purge_after)
SELECT %s, cdr_id, purge_after FROM unnest(%s::text[], %s::timestamptz[]) AS given (cdr_id, purge_after)
ON CONFLICT DO NOTHING RETURNING cdr_id
"""
_COLUMNS = {
    "cdr_id": "text", "call_id": "text", "start_time": "timestamptz", "answer_time": "timestamptz",
    "end_time": "timestamptz", "duration": "numeric", "direction": "text", "did": "text", "caller": "text",
    "caller_name": "text", "attestation": "text", "target": "text", "gateway": "text", "attempt": "smallint",
    "kind": "text", "answered_by": "text", "sip_code": "smallint", "hangup_by": "text", "route_source": "text",
    "route_etag": "text", "received_at": "timestamptz", "status": "text",
}  # fmt: skip
_RECORDS = f"""
WITH stored AS (
    INSERT INTO numbers_callrecord (switch_id, stored_at, {", ".join(_COLUMNS)}, lease_id, number_id, project_id)
    SELECT %(switch)s, %(now)s, {", ".join(f"leg.{name}" for name in _COLUMNS)},
           lease.id, lease.number_id, lease.project_id
    FROM jsonb_to_recordset(%(legs)s::jsonb) AS leg ({", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())})
    LEFT JOIN numbers_number number ON number.e164 = leg.did
    LEFT JOIN LATERAL (
        SELECT id, number_id, project_id FROM numbers_lease
        WHERE number_id = number.id AND started_at <= leg.start_time
          AND (ended_at IS NULL OR ended_at > leg.start_time)
        ORDER BY id DESC LIMIT 1
    ) lease ON true
    RETURNING cdr_id, lease_id, project_id
)
SELECT count(*), count(*) - count(lease_id),
       jsonb_object_agg(cdr_id, jsonb_build_array(project_id, lease_id))
           FILTER (WHERE project_id IS NOT NULL AND cdr_id = ANY(%(paid)s))
FROM stored
"""  # noqa: S608  constants of ours
_PARKED = """
INSERT INTO numbers_parkedcallrecord
    (switch_id, batch_id, parked_at, cdr_id, reason, did, start_time, record, resolved_by, note)
SELECT %s, %s, %s, cdr_id, reason, did, start_time, record::jsonb, '', ''
FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[])
    AS given (cdr_id, reason, did, start_time, record)
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """``digest``: SHA-256 of the body, by which the same batch is told from another under its id."""

    switch_id: str
    batch_id: str
    digest: bytes
    cdrs: list[Any]


@dataclass(slots=True)
class _Sorted:
    """What is in a batch, before anybody knows what is new."""

    legs: dict[str, Leg] = field(default_factory=dict)  # by cdr_id
    parked: dict[str, tuple[ParkReason, Any]] = field(default_factory=dict)  # of these, with what came
    repeated: int = 0
    rejected: list[dict[str, str]] = field(default_factory=list)


def store_batch(*, batch: Batch, now: datetime) -> dict[str, Any]:
    """The answer: ``accepted``, ``duplicates`` and ``rejected``; with ``replayed`` the one that was given before.

    A batch that is being stored at this moment is waited for. Raises OperationalError when that takes too long: nothing
    is stored then, and the batch may be sent again.
    """
    found = _sort(batch.cdrs, now)
    with patient_transaction(), connection.cursor() as cursor:
        cursor.execute(_BATCH, [batch.switch_id, batch.batch_id, batch.digest, now])
        if not cursor.rowcount:
            return _replay(cursor, batch, found, now)
        answer = _store(cursor, batch, found, now)
        cursor.execute(_ANSWER, [json.dumps(answer), batch.switch_id, batch.batch_id])
    return answer


def _sort(cdrs: list[Any], now: datetime) -> _Sorted:
    found = _Sorted()
    for record in cdrs:
        try:
            leg = read(record)
        except RecordError as error:
            found.rejected.append({"cdr_id": cdr_id_of(record), "error": error.code})
            continue
        if leg.cdr_id in found.legs:
            found.repeated += 1
            continue
        found.legs[leg.cdr_id] = leg
        if reason := park_reason(leg.start, leg.end, leg.duration, now):
            found.parked[leg.cdr_id] = reason, record
    return found


def _replay(cursor: Any, batch: Batch, found: _Sorted, now: datetime) -> dict[str, Any]:
    """The answer that was given. Another batch under the same id is stored all the same: no record may be lost to a
    switch that begins to count anew."""
    cursor.execute(_EARLIER, [batch.switch_id, batch.batch_id])
    digest, answer = cursor.fetchone()
    if bytes(digest) != batch.digest:
        stored = _store(cursor, batch, found, now)
        log.warning(
            "calls.batch_id_reused",
            extra={"switch": batch.switch_id, "batch": batch.batch_id, "accepted": stored["accepted"]},
        )
    return dict(json.loads(answer)) | {"replayed": True}


def _store(cursor: Any, batch: Batch, found: _Sorted, now: datetime) -> dict[str, Any]:
    new = _new_keys(cursor, batch.switch_id, found.legs.values(), now)
    parked = new & found.parked.keys()
    _insert_records(cursor, batch, [found.legs[key] for key in sorted(new - parked)], now)
    _park(cursor, batch, [(found.legs[key], *found.parked[key]) for key in sorted(parked)], now)
    duplicates = len(found.legs) - len(new) + found.repeated
    return {"accepted": len(new), "duplicates": duplicates, "rejected": found.rejected}


def _new_keys(cursor: Any, switch_id: str, legs: Iterable[Leg], now: datetime) -> set[str]:
    """Those that nobody has stored. Waits for whoever is just storing one of them."""
    expiry = {leg.cdr_id: min(max(now, leg.start), now + _FURTHEST) + KEYS_KEPT for leg in legs}
    keys = sorted(expiry)
    if not keys:
        return set()
    cursor.execute(_KEYS, [switch_id, keys, [expiry[key] for key in keys]])
    return {key for (key,) in cursor.fetchall()}


def _insert_records(cursor: Any, batch: Batch, legs: list[Leg], now: datetime) -> None:
    if not legs:
        return
    CALLS.add_months(month_of(leg.start) for leg in legs)
    rows = json.dumps([leg.values for leg in legs])
    paid = {leg.cdr_id: leg for leg in legs if spending.is_paid(leg)}
    cursor.execute(_RECORDS, {"switch": batch.switch_id, "now": now, "legs": rows, "paid": list(paid)})
    stored, without_lease, holders = cursor.fetchone()
    if stored != len(legs):
        raise RuntimeError(f"{stored} of {len(legs)} call records were stored")
    if without_lease:
        log.info("calls.without_lease", extra={"switch": batch.switch_id, "records": without_lease})
    spending.count((paid[cdr_id], project, lease) for cdr_id, (project, lease) in _loaded(holders).items())


def _loaded(found: Any) -> dict[str, tuple[int, int]]:
    return json.loads(found) if isinstance(found, str) else found or {}


def _park(cursor: Any, batch: Batch, parked: list[tuple[Leg, ParkReason, Any]], now: datetime) -> None:
    if not parked:
        return
    columns = zip(
        *((leg.cdr_id, reason, leg.values["did"], leg.start, storable(record)) for leg, reason, record in parked),
        strict=True,
    )
    cursor.execute(_PARKED, [batch.switch_id, batch.batch_id, now, *map(list, columns)])
    log.info("calls.parked", extra={"switch": batch.switch_id, "records": len(parked)})
