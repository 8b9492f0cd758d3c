"""Credential and call state in one indexed query."""

from datetime import datetime

from django.db import connection

from numbers.carrier import credentials
from numbers.carrier.credentials import AcceptedSecret
from numbers.routing import call_state
from numbers.routing.call_state import CallState

ROUTE_QUERY = f"""
SELECT {credentials.COLUMNS}, {call_state.COLUMNS}
FROM {credentials.TABLES} {call_state.JOINS}
WHERE {credentials.ACCEPTED}
"""  # noqa: S608  of constants


def look_up_route(
    e164: str, caller: str | None, secret_digest: str, now: datetime
) -> tuple[AcceptedSecret | None, CallState]:
    """The secret of this digest if it is accepted, and what is known of the number."""
    with connection.planned_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(ROUTE_QUERY, call_state.parameters(e164, caller, now) | {"digest": secret_digest})
        row = cursor.fetchone()
    if row is None:
        return None, CallState(e164)
    return credentials.read_row(row), call_state.read_row(e164, caller, row[credentials.COLUMN_COUNT :])
