"""Calls as a table for download."""

from collections.abc import Iterator, Sequence

from numbers.calls import queries
from numbers.calls.models import CallRecord
from numbers.leases.list_export import spell, table
from projects.models import Project

HEADER = [
    "Time (UTC)", "Direction", "From", "Caller name", "Number", "Target", "Status", "Duration (s)", "Answered (UTC)",
    "Ended (UTC)", "Ended by", "SIP code", "Answered by", "Gateway", "Attempt", "Kind", "Attestation", "Call-ID",
]  # fmt: skip


def rows(project: Project, only: queries.CallFilter) -> Iterator[Sequence[object]]:
    """See :func:`numbers.leases.list_export.table`; one line per record."""
    return table(
        HEADER, lambda before, limit: queries.page(project, only, before=before, limit=limit), _row, what="calls"
    )


def _row(call: CallRecord) -> list[object]:
    return [
        spell(call.start_time),
        call.get_direction_display(),
        call.caller,
        call.caller_name,
        call.did,
        call.target,
        call.get_status_display(),
        call.duration,
        spell(call.answer_time),
        spell(call.end_time),
        call.hangup_by,
        call.sip_code or "",
        call.answered_by,
        call.gateway,
        "" if call.attempt is None else call.attempt,
        call.kind,
        call.attestation,
        call.call_id,
    ]
