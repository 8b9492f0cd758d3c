"""Whose turn it is: takes deliveries that are due, so that no receiver and no project holds up another.

One statement at a time (an advisory lock), so that the limits hold whoever asks. A claim is a state and a time: what
is not recorded by then counts as interrupted and is due again, whatever became of the process.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from portal.core.sql import literals
from projects.webhooks.models import DeliveryKind, DeliveryState, WebhookDelivery

# As long as one request may take (portal.outbound.client: 15 s), and some for recording; more for a fallback (extend).
CLAIMED_FOR = timedelta(seconds=25)
TIMEOUTS = 2  # in a row: from then on an endpoint gets one at a time
_LOCK = "webhook-claims"
UNFINISHED, SENDING = literals(*WebhookDelivery.UNFINISHED), literals(DeliveryState.SENDING)

# lane: targets with something unfinished, found by stepping through an index (webhook_delivery_due), not by reading it.
CLAIM = f"""
WITH RECURSIVE lane (target_id) AS (
    (SELECT target_id FROM projects_webhookdelivery WHERE state IN ({UNFINISHED}) ORDER BY target_id LIMIT 1)
    UNION ALL
    SELECT (SELECT target_id FROM projects_webhookdelivery d
            WHERE d.state IN ({UNFINISHED}) AND d.target_id > lane.target_id ORDER BY d.target_id LIMIT 1)
    FROM lane WHERE lane.target_id IS NOT NULL
), running AS (
    SELECT t.endpoint_id, t.project_id FROM projects_webhookdelivery d
    JOIN projects_webhooktarget t ON t.id = d.target_id
    WHERE d.state = {SENDING} AND d.next_at > %(now)s AND d.target_id IN (SELECT target_id FROM lane)
), by_endpoint AS (SELECT endpoint_id, count(*) AS busy FROM running GROUP BY endpoint_id),
by_project AS (SELECT project_id, count(*) AS busy FROM running GROUP BY project_id),
due AS (
    SELECT d.id, d.next_at, t.endpoint_id, t.project_id, coalesce(b.busy, 0) AS busy,
           CASE WHEN e.timeouts >= %(timeouts)s THEN 1 ELSE %(per_endpoint)s END AS most
    FROM lane
    JOIN projects_webhooktarget t ON t.id = lane.target_id
    JOIN projects_webhookendpoint e ON e.id = t.endpoint_id
    LEFT JOIN by_endpoint b ON b.endpoint_id = e.id
    CROSS JOIN LATERAL (
        SELECT id, next_at FROM projects_webhookdelivery
        WHERE target_id = t.id AND state IN ({UNFINISHED}) AND next_at <= %(now)s
          AND (e.not_before IS NULL OR e.not_before <= %(now)s OR kind = {literals(DeliveryKind.TEST)})
        ORDER BY next_at, id LIMIT %(per_endpoint)s
    ) d
), by_turn AS (
    SELECT due.*, row_number() OVER (PARTITION BY endpoint_id ORDER BY next_at, id) + busy AS place FROM due
), ranked AS (
    SELECT by_turn.*, row_number() OVER (PARTITION BY by_turn.project_id ORDER BY place, next_at, id)
                      + coalesce(p.busy, 0) AS project_place
    FROM by_turn LEFT JOIN by_project p ON p.project_id = by_turn.project_id
    WHERE place <= most
), chosen AS (
    SELECT id FROM ranked WHERE project_place <= %(per_project)s ORDER BY project_place, next_at, id LIMIT %(limit)s
), before AS (
    SELECT d.id, d.state FROM projects_webhookdelivery d JOIN chosen USING (id)
    WHERE d.state IN ({UNFINISHED}) AND d.next_at <= %(now)s FOR UPDATE OF d
), claimed AS (
    UPDATE projects_webhookdelivery d SET state = {SENDING}, attempts = d.attempts + 1, next_at = %(until)s
    FROM before WHERE d.id = before.id
    RETURNING d.id, d.webhook_id, d.project_id, d.target_id, d.kind, d.payload, d.subject_at, d.subject_id, d.attempts,
              before.state AS was
)
SELECT c.id, c.webhook_id, c.project_id, c.kind, c.payload, c.subject_at, c.subject_id, c.attempts,
       c.was = {SENDING}, t.method, t.request_text, t.sealed, e.id, e.url, e.off_at IS NOT NULL,
       f.id, f.url, coalesce(f.off_at IS NOT NULL, false)
FROM claimed c
JOIN projects_webhooktarget t ON t.id = c.target_id
JOIN projects_webhookendpoint e ON e.id = t.endpoint_id
LEFT JOIN projects_webhookendpoint f ON f.id = t.fallback_id
ORDER BY c.id
"""  # noqa: S608  constants of ours


@dataclass(frozen=True, slots=True)
class Receiver:
    """A URL to send to."""

    endpoint_id: int
    url: str
    is_off: bool


_OWN = 12  # columns of the delivery and its target, in the order of the fields below


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to send. ``interrupted``: an earlier claim ended without a result."""

    id: int
    webhook_id: str
    project_id: int
    kind: str
    payload: dict[str, Any]
    subject_at: datetime | None
    subject_id: int | None
    attempts: int  # this one included
    interrupted: bool
    method: str
    request_text: str
    sealed: str
    first: Receiver
    fallback: Receiver | None

    @property
    def is_test(self) -> bool:
        return self.kind == DeliveryKind.TEST

    @property
    def receivers(self) -> list[Receiver]:
        """Those that may be tried, in order. A test goes to the URL that it tests, also when it is switched off."""
        if self.is_test:
            return [self.first]
        return [each for each in (self.first, self.fallback) if each and not each.is_off]


def claim(*, limit: int, now: datetime) -> list[Claimed]:
    """At most ``limit`` deliveries that are due. In each round every endpoint gets its first before any its second."""
    if limit <= 0:
        return []
    values: dict[str, Any] = {
        "now": now, "until": now + CLAIMED_FOR, "limit": limit, "timeouts": TIMEOUTS,
        "per_endpoint": settings.WEBHOOKS_PER_ENDPOINT, "per_project": settings.WEBHOOKS_PER_PROJECT,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_LOCK])
        cursor.execute(CLAIM, values)
        return [_read(row) for row in cursor.fetchall()]


def _read(row: Sequence[Any]) -> Claimed:
    names = [field.name for field in fields(Claimed)][:_OWN]
    own = dict(zip(names, row, strict=False))
    own["payload"] = json.loads(own["payload"])  # jsonb comes as text through Django's cursor
    first, fallback = row[_OWN : _OWN + 3], row[_OWN + 3 :]
    return Claimed(**own, first=Receiver(*first), fallback=Receiver(*fallback) if fallback[0] is not None else None)


def extend(ids: Sequence[int], now: datetime) -> None:
    """For those that go on to their fallback."""
    claimed = WebhookDelivery.objects.filter(pk__in=ids, state=DeliveryState.SENDING)
    claimed.update(next_at=now + CLAIMED_FOR)


def is_due(*, before: datetime, after: datetime | None = None) -> bool:
    """Whether something is or becomes due until then; ``after``: only what becomes so later than that."""
    due = WebhookDelivery.objects.filter(state__in=WebhookDelivery.UNFINISHED, next_at__lte=before)
    return (due.filter(next_at__gt=after) if after else due).exists()
