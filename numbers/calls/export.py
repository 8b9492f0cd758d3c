"""Calls as a table for download."""

from collections.abc import Iterator, Sequence

from numbers.calls import queries
from numbers.calls.models import CallRecord
from projects.models import Project

HEADER = [
    "Time (UTC)", "Direction", "From", "Caller name", "Number", "Target", "Status", "Duration (s)", "Answered (UTC)",
    "Ended (UTC)", "Ended by", "SIP code", "Answered by", "Gateway", "Attempt", "Kind", "Attestation", "Call-ID",
]  # fmt: skip
PAGE = 1000
MOST_ROWS, MOST_PAGES = 100_000, 200
_TIME = "%Y-%m-%d %H:%M:%S"  # UTC


def rows(project: Project, only: queries.CallFilter) -> Iterator[Sequence[object]]:
    """A header, then one row per record, newest first. Read page by page while they are sent, so that no transaction
    waits for a slow reader. The last row says so when a table ends early."""
    yield HEADER
    page, sent = queries.CallPage(), 0
    for _ in range(MOST_PAGES):
        page = queries.page(project, only, before=page.following, limit=min(PAGE, MOST_ROWS - sent))
        yield from map(_row, page.rows)
        sent += len(page.rows)
        if page.following is None or sent >= MOST_ROWS:
            break
    if before := page.following:
        yield [f"This table ends here. Choose a time before {before.at:{_TIME}} UTC for the calls before these."]


def _row(call: CallRecord) -> list[object]:
    return [
        f"{call.start_time:{_TIME}}",
        call.get_direction_display(),
        call.caller,
        call.caller_name,
        call.did,
        call.target,
        call.get_status_display(),
        call.duration,
        f"{call.answer_time:{_TIME}}" if call.answer_time else "",
        f"{call.end_time:{_TIME}}",
        call.hangup_by,
        call.sip_code or "",
        call.answered_by,
        call.gateway,
        "" if call.attempt is None else call.attempt,
        call.kind,
        call.attestation,
        call.call_id,
    ]
