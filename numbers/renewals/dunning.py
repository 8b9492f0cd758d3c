"""Dunning: reminders on the announced days after an unpaid month, then the suspension, then the release.

The days are fixed when the month cannot be charged (lease_states.py) and never move earlier. Nothing happens to a
number whose customer was not notified, nor to one whose month the wallet could pay: that one is about to be charged.
Lock order: numbers/renewals/project_lock.py.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction

from billing.ledger.queries import balance
from numbers.leases.lifecycle import transition_all
from numbers.leases.models import Lease, ReleaseCause
from numbers.leases.releasing import end_lease
from numbers.renewals import project_lock
from numbers.renewals.lease_states import MAIL_SHOWS
from portal.core.sql import literals
from portal.jobs.outbox import enqueue
from projects import audit
from projects.actor import SYSTEM

log = logging.getLogger(__name__)

RELEASES_PER_PROJECT = 500  # in one transaction; the next run goes on
LATE = timedelta(days=1)

_PAST_DUE = literals(Lease.Status.PAST_DUE)
_ANNOUNCED = "(l.reminders_sent > 0 OR cardinality(%(days)s::int[]) = 0)"
# How many of the mails have their day behind them.
_STAGE = """(SELECT count(*) FROM unnest(%(days)s::int[]) AS day
             WHERE l.past_due_since + make_interval(days => day) <= %(now)s)"""
# Not what is about to be suspended: after a standstill the customer gets the latest news, not all of them.
_TO_MAIL = f"""l.status = {_PAST_DUE} AND l.reminders_sent < {_STAGE}
    AND (l.suspends_at > %(now)s OR l.reminders_sent = 0)"""
_TO_SUSPEND = f"l.status = {_PAST_DUE} AND l.suspends_at <= %(now)s AND l.releases_at > %(now)s AND {_ANNOUNCED}"
_TO_RELEASE = f"l.status IN ({literals(*Lease.UNPAID)}) AND l.releases_at <= %(now)s AND {_ANNOUNCED}"
# The first mail came late, because nobody ran this: all the days move by as much, and never back.
_MAILED = f"""
UPDATE numbers_lease l
SET reminders_sent = {_STAGE},
    suspends_at = suspends_at + late.by, releases_at = releases_at + late.by
FROM (SELECT id, CASE WHEN reminders_sent = 0 AND %(now)s > past_due_since + %(first)s + %(late)s
                      THEN %(now)s - (past_due_since + %(first)s) ELSE interval '0' END AS by
      FROM numbers_lease WHERE id = ANY(%(ids)s)) AS late
WHERE l.id = late.id
"""  # noqa: S608  constants of ours


@dataclass(slots=True)
class DunningResult:
    mailed: int = 0  # projects
    suspended: int = 0  # numbers, here and below
    released: int = 0


def run_dunning(*, now: datetime) -> DunningResult:
    """Does what is due to unpaid numbers, project by project; each step of each lease happens once."""
    result = DunningResult()
    result.mailed = _each_project(_TO_MAIL, _mail, now)
    result.suspended = _each_project(_TO_SUSPEND, _suspend, now)
    result.released = _each_project(_TO_RELEASE, _release, now)
    if result != DunningResult():
        log.info(
            "renewals.followed",
            extra={"mailed": result.mailed, "suspended": result.suspended, "released": result.released},
        )
    return result


def _values(now: datetime) -> dict[str, Any]:
    days = sorted(settings.UNPAID_MAIL_DAYS)
    return {"now": now, "days": days, "first": timedelta(days=days[0] if days else 0), "late": LATE}


Step = Callable[[int, list[Lease], datetime], int]


def _each_project(condition: str, step: Step, now: datetime) -> int:
    """``step`` on the leases of each project that meet ``condition``, locked, in a transaction of its own."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT project_id FROM numbers_lease l WHERE {condition} ORDER BY 1", _values(now))  # noqa: S608
        projects = [row[0] for row in cursor.fetchall()]
    done = 0
    for project_id in projects:
        try:
            with transaction.atomic():
                if project_lock.try_lock([project_id]):  # or else somebody is just charging it
                    leases = _locked(project_id, condition, now)
                    done += step(project_id, leases, now) if leases else 0
        except OperationalError:
            log.warning("renewals.project_waits", extra={"project": project_id}, exc_info=True)
        except Exception:
            log.exception("renewals.follow_failed", extra={"project": project_id})
    return done


def _locked(project_id: int, condition: str, now: datetime) -> list[Lease]:
    """In the customer's order. What somebody else holds just now is left for the next run."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.id FROM numbers_lease l WHERE l.project_id = %(project)s AND {condition} "  # noqa: S608
            "ORDER BY l.id FOR NO KEY UPDATE SKIP LOCKED",
            _values(now) | {"project": project_id},
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(Lease.objects.filter(pk__in=ids).select_related("number").order_by("renewal_rank", "id"))


def _mail(project_id: int, leases: list[Lease], now: datetime) -> int:
    """One mail sums up all that is unpaid in the project, whatever the day of each number."""
    with connection.cursor() as cursor:
        cursor.execute(_MAILED, _values(now) | {"ids": [lease.pk for lease in leases]})
    first = leases[0]
    enqueue(
        "numbers.unpaid_mail",
        {"project": project_id},
        key=f"numbers.unpaid_mail:{project_id}:{first.pk}:{first.past_due_since:%Y%m%dT%H%M%S}:{now:%Y%m%dT%H%M%S}",
    )
    return 1


def _suspend(project_id: int, leases: list[Lease], now: datetime) -> int:
    leases = _unaffordable(project_id, leases)
    transition_all([lease.pk for lease in leases], Lease.Status.SUSPENDED, since=Lease.Status.PAST_DUE)
    audit.record_all(
        by=SYSTEM,
        action="number.suspended",
        subjects=[(project_id, lease.number.e164, {"lease": lease.pk}) for lease in leases],
    )
    _enqueue_mail("numbers.suspended_mail", project_id, leases)
    return len(leases)


def _release(project_id: int, leases: list[Lease], now: datetime) -> int:
    leases = _unaffordable(project_id, leases)[:RELEASES_PER_PROJECT]
    for lease in leases:
        end_lease(lease=lease, cause=ReleaseCause.UNPAID, by=SYSTEM, now=now)
    _enqueue_mail("numbers.unpaid_released_mail", project_id, leases)
    return len(leases)


def _unaffordable(project_id: int, leases: list[Lease]) -> list[Lease]:
    """Without those that the wallet could pay: their money has come, the charge is on its way."""
    credit = balance(project_id)
    return [lease for lease in leases if lease.monthly_price > credit]


def _enqueue_mail(kind: str, project_id: int, leases: list[Lease]) -> None:
    if leases:
        first = leases[0]
        enqueue(
            kind,
            {"project": project_id, "leases": [lease.pk for lease in leases[:MAIL_SHOWS]], "count": len(leases)},
            key=f"{kind}:{first.pk}:{first.past_due_since:%Y%m%dT%H%M%S}",
        )
