"""The monthly run: everything that is due, in transactions of a bounded size, as long as its time allows.

Beat starts it every few minutes. Two at once share the projects; what one leaves, for whatever reason, the next finds.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction

from billing.mode import livemode
from numbers.leases.models import Lease, ReleaseCause
from numbers.leases.releasing import end_lease
from numbers.renewals import project_lock
from numbers.renewals.charge_batch import DUE, BatchResult, Part, charge_batch
from portal.core.sql import literals
from projects.actor import SYSTEM

log = logging.getLogger(__name__)

PROJECTS_PER_BATCH = 100  # their wallets are locked together, for the time of one transaction
BUDGET_SECONDS = 20  # activations and payments wait for the same workers; the task queues itself again

# Projects in which something would happen: a month that was not tried yet, or an unpaid one that the wallet can pay
# (the top-up's own job should have seen to it; this finds what was lost).
_WORK = f"""
SELECT l.project_id, count(*) FROM numbers_lease l
LEFT JOIN billing_account w ON w.project_id = l.project_id AND w.kind = 'wallet'
    AND w.currency = %(currency)s AND w.livemode = %(livemode)s
WHERE {DUE} AND (l.status = {literals(Lease.Status.ACTIVE)} OR l.monthly_price = 0 OR w.balance >= l.monthly_price)
GROUP BY 1 ORDER BY 1
"""  # noqa: S608  a constant of ours


@dataclass(slots=True)
class ChargingResult:
    months: int = 0
    unpaid: int = 0
    restored: int = 0
    released: int = 0
    failed: int = 0  # projects
    unfinished: bool = False  # the time was up

    def add(self, result: BatchResult) -> None:
        self.months += result.months
        self.unpaid += result.unpaid
        self.restored += result.restored


def charge_months(*, now: datetime, batch: int | None = None, seconds: float = BUDGET_SECONDS) -> ChargingResult:
    """Carries out the releases scheduled for today (UTC), and charges what is due.

    ``batch``: leases per transaction, RENEWAL_BATCH if None. A fault in one project is logged and leaves it as it was.
    """
    end = time.monotonic() + seconds
    run = ChargingResult(released=release_ended(now=now))
    charger = _Charger(run, now, batch or settings.RENEWAL_BATCH, end)
    busy: list[int] = []
    for projects, alone in batches_of(_work(now), charger.size):
        if charger.time_is_up():
            run.unfinished = True
            break
        busy += charger.charge_project(projects[0], wait=False) if alone else charger.charge_together(projects)
    for project_id in busy:  # someone had locked a lease or the wallet; by now they are likely to have finished
        if not charger.time_is_up():
            charger.charge_project(project_id, wait=True)
    if run != ChargingResult():
        counts = {name: getattr(run, name) for name in ("months", "unpaid", "restored", "released", "unfinished")}
        log.info("renewals.charged", extra=counts)
    return run


def _work(now: datetime) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _WORK, {"today": now.astimezone(UTC).date(), "currency": settings.CURRENCY, "livemode": livemode()}
        )
        return cursor.fetchall()


def batches_of(work: list[tuple[int, int]], size: int) -> Iterator[tuple[list[int], bool]]:
    """Small projects together, up to ``size`` leases; a large one alone (True), to be taken in parts."""
    together: list[int] = []
    room = size
    for project_id, leases in work:
        if leases > size:
            yield [project_id], True
            continue
        if leases > room or len(together) == PROJECTS_PER_BATCH:
            yield together, False
            together, room = [], size
        together.append(project_id)
        room -= leases
    if together:
        yield together, False


@dataclass(slots=True)
class _Charger:
    """Both methods return the projects that have to be tried again, because someone has locked a part of them."""

    run: ChargingResult
    now: datetime
    size: int
    end: float

    def time_is_up(self) -> bool:
        return time.monotonic() >= self.end

    def charge_together(self, projects: list[int]) -> list[int]:
        """One transaction for all; if it fails, each for itself, so that only the faulty one is left out."""
        try:
            with transaction.atomic():
                result = charge_batch(project_lock.try_lock(projects), now=self.now, wait=False)
        except DatabaseError:
            log.warning("renewals.batch_failed", extra={"projects": len(projects)}, exc_info=True)
            return [busy for project_id in projects for busy in self.charge_project(project_id, wait=False)]
        self.run.add(result)
        return result.busy

    def charge_project(self, project_id: int, *, wait: bool) -> list[int]:
        """In parts, in the customer's order."""
        try:
            for result in charge_in_parts(project_id, now=self.now, size=self.size, wait=wait):
                self.run.add(result)
                if result.busy:
                    return result.busy
                if self.time_is_up():
                    self.run.unfinished = True
                    break
        except OperationalError:  # a lock that is never released, or a deadlock: the next run tries again
            log.warning("renewals.project_waits", extra={"project": project_id}, exc_info=True)
        except Exception:
            self.run.failed += 1
            log.exception("renewals.project_failed", extra={"project": project_id})
        return []


def charge_in_parts(project_id: int, *, now: datetime, size: int, wait: bool) -> Iterator[BatchResult]:
    """Charges what is due in one project, ``size`` leases per transaction.

    When money came between two parts, it begins again at the front: the order is the customer's.
    """
    part: Part | None = Part(size)
    while part is not None:
        with transaction.atomic():
            if wait:
                project_lock.wait_for_lock(project_id)
            elif not project_lock.try_lock([project_id]):
                return  # someone else is charging it
            result = charge_batch([project_id], now=now, part=part, wait=wait)
        yield result
        part = result.next_part


def release_ended(*, now: datetime) -> int:
    """Releases the numbers whose release was scheduled for today (UTC) or before. Returns how many."""
    ended = Lease.objects.filter(status__in=Lease.LIVE, release_on__lte=now.astimezone(UTC).date())
    released = 0
    for lease_id in list(ended.order_by("id").values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                # The customer may just be cancelling the release; a lease that is locked is left for the next run.
                lease = ended.select_for_update(skip_locked=True).filter(pk=lease_id).first()
                if lease is not None:
                    end_lease(lease=lease, cause=ReleaseCause.CUSTOMER, by=SYSTEM, now=now)
                    released += 1
        except Exception:
            log.exception("renewals.release_failed", extra={"lease": lease_id})
    return released
