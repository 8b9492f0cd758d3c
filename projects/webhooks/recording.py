"""Writes what came of attempts: the log, the state of the deliveries, the health of the endpoints."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from portal.core.sql import literals
from projects.webhooks import endpoints, outcomes
from projects.webhooks.backoff import next_try
from projects.webhooks.flights import Flight, lost
from projects.webhooks.models import AttemptResult, DeliveryState, WebhookAttempt
from projects.webhooks.outcomes import Outcome

_DELIVERED = literals(DeliveryState.DELIVERED)
# Only of a claim that still holds; a success counts whoever sends it again, or has given it up, meanwhile.
_UPDATE = f"""
UPDATE projects_webhookdelivery d SET state = g.state, next_at = g.next_at, finished_at = g.finished_at
FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::timestamptz[], %s::timestamptz[])
     AS g (id, attempts, state, next_at, finished_at)
WHERE d.id = g.id AND CASE g.state WHEN {_DELIVERED} THEN d.state <> {_DELIVERED}
    ELSE d.state = {literals(DeliveryState.SENDING)} AND d.attempts = g.attempts END
RETURNING d.id
"""  # noqa: S608  constants of ours


@dataclass(frozen=True, slots=True)
class _Change:
    flight: Flight
    state: str
    next_at: datetime | None
    finished_at: datetime | None


def record(flights: Sequence[Flight], now: datetime) -> None:
    """Of attempts that are over. Idempotent as a whole: what was recorded of a claim is not changed again."""
    if not flights:
        return
    changes = sorted((_change(each, now) for each in flights), key=lambda each: each.flight.claimed.id)
    with transaction.atomic():
        held = _update(changes)
        WebhookAttempt.objects.bulk_create(_log(flights, now))
        endpoints.follow([each for flight in flights for each in flight.tries if not flight.claimed.is_test
                          or each.verdict.delivered], now)  # fmt: skip
        by_kind: dict[str, list[Outcome]] = defaultdict(list)
        for each in changes:
            claimed = each.flight.claimed
            if claimed.id in held:
                by_kind[claimed.kind].append(Outcome(claimed.subject_at, claimed.subject_id, each.state))
        for kind, found in by_kind.items():
            outcomes.announce(kind, found)


def _change(flight: Flight, now: datetime) -> _Change:
    verdict, claimed = flight.verdict, flight.claimed
    if verdict is not None and verdict.delivered:
        return _Change(flight, DeliveryState.DELIVERED, None, now)
    if verdict is not None and verdict.result == AttemptResult.CANCELLED:
        return _Change(flight, DeliveryState.CANCELLED, None, now)
    again = None if claimed.is_test or verdict is None else next_try(claimed.attempts, now)
    if again is None:
        return _Change(flight, DeliveryState.FAILED, None, now)
    asked = [each.verdict.not_before for each in flight.tries if each.verdict.not_before]
    return _Change(flight, DeliveryState.QUEUED, max([again, *asked]), None)


def _update(changes: Sequence[_Change]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            _UPDATE,
            [
                [each.flight.claimed.id for each in changes],
                [each.flight.claimed.attempts for each in changes],
                [each.state for each in changes],
                [each.next_at for each in changes],
                [each.finished_at for each in changes],
            ],
        )
        return {row[0] for row in cursor.fetchall()}


def _log(flights: Iterable[Flight], now: datetime) -> Iterable[WebhookAttempt]:
    for flight in flights:
        if flight.claimed.interrupted:
            yield lost(flight.claimed, now)
        yield from (each.row for each in flight.tries)
