"""Credential and route in one indexed query: a call is waiting.

It takes a fraction of a millisecond, so nothing is cached: a change of routing, lease or credential counts for
the next call.
"""

from dataclasses import dataclass

from django.db import connection

from numbers.carrier.models import SwitchCredential

# Of a number's leases the newest one counts: it is the live one, or else nobody has the number.
ROUTE_QUERY = """
SELECT c.id, c.switch_id, c.scopes, c.networks, c.last_used_at,
       n.id, n.status, l.id, l.status, p.pid, p.status, r.kind, r.pstn_target, r.version,
       EXISTS (SELECT 1 FROM numbers_barredrange b WHERE starts_with(r.pstn_target, b.prefix))
FROM numbers_switchcredential c
LEFT JOIN numbers_number n ON n.e164 = %s
LEFT JOIN LATERAL (
    SELECT id, status, project_id FROM numbers_lease WHERE number_id = n.id ORDER BY id DESC LIMIT 1
) l ON true
LEFT JOIN projects_project p ON p.id = l.project_id
LEFT JOIN numbers_callroute r ON r.lease_id = l.id
WHERE c.secret_digest = %s AND c.revoked_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class RouteLookup:
    """What is known of a called number; None where there is nothing."""

    e164: str
    number_id: int | None
    number_status: str | None
    lease_id: int | None
    lease_status: str | None
    pid: str | None
    project_status: str | None
    kind: str | None
    pstn_target: str | None
    version: int | None
    barred: bool | None  # the target is in a range that staff barred


def look_up_route(e164: str, secret_digest: str) -> tuple[SwitchCredential | None, RouteLookup]:
    """The credential of this digest unless revoked, and what is known of the number."""
    with connection.cursor() as cursor:
        cursor.execute(ROUTE_QUERY, [e164, secret_digest])
        row = cursor.fetchone()
    if row is None:
        return None, RouteLookup(e164, *[None] * 10)
    credential = SwitchCredential(id=row[0], switch_id=row[1], scopes=row[2], networks=row[3], last_used_at=row[4])
    return credential, RouteLookup(e164, *row[5:])
