"""Credential and call state in one indexed query."""

from datetime import datetime

from django.db import connection

from numbers.carrier.models import SwitchCredential
from numbers.routing import call_state
from numbers.routing.call_state import CallState

ROUTE_QUERY = f"""
SELECT c.id, c.switch_id, c.scopes, c.networks, c.last_used_at, {call_state.COLUMNS}
FROM numbers_switchcredential c {call_state.JOINS}
WHERE c.secret_digest = %(digest)s AND c.revoked_at IS NULL
"""  # noqa: S608  of constants
_OF_CREDENTIAL = 5


def look_up_route(
    e164: str, caller: str | None, secret_digest: str, now: datetime
) -> tuple[SwitchCredential | None, CallState]:
    """The credential of this digest unless revoked, and what is known of the number."""
    with connection.planned_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(ROUTE_QUERY, call_state.parameters(e164, caller, now) | {"digest": secret_digest})
        row = cursor.fetchone()
    if row is None:
        return None, CallState(e164)
    credential = SwitchCredential(id=row[0], switch_id=row[1], scopes=row[2], networks=row[3], last_used_at=row[4])
    return credential, call_state.read_row(e164, caller, row[_OF_CREDENTIAL:])
