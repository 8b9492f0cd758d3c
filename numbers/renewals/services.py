"""The customer's order of renewal: whose month is paid first when there is not enough credit for all.

Ranks are dense and negative (of three numbers -3, -2, -1), so a number bought later, with rank 0, comes last.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum

from django.db import OperationalError, connection, transaction

from numbers.leases.events import record
from numbers.leases.locking import lease_ended
from numbers.leases.models import Lease
from numbers.renewals import project_lock
from portal.core.errors import DomainError
from projects.access import require_active
from projects.actor import Actor
from projects.models import Project


class Move(StrEnum):
    UP = "up"
    DOWN = "down"
    TOP = "top"
    BOTTOM = "bottom"


# In SQL: bulk_update() writes a CASE with a branch for each of the leases, which may be thousands.
_RANKS = """
UPDATE numbers_lease SET renewal_rank = wanted.rank
FROM unnest(%s::bigint[], %s::int[]) AS wanted (id, rank) WHERE numbers_lease.id = wanted.id
"""


@transaction.atomic
def move(*, lease: Lease, to: Move, by: Actor, now: datetime) -> int:
    """Moves a number in its project's order; returns its place, from 1.

    Up from the first place, or down from the last, changes nothing. Raises ``lease_ended``, ``project_archived`` and
    ``try_again``.
    """
    ranks = _locked_ranks(lease)
    was, last = list(ranks).index(lease.pk), len(ranks) - 1
    return _write_place(
        lease, ranks, {Move.UP: max(was - 1, 0), Move.DOWN: min(was + 1, last), Move.TOP: 0, Move.BOTTOM: last}[to], by
    )


@transaction.atomic
def place(*, lease: Lease, place: int, by: Actor, now: datetime) -> int:
    """Puts a number on ``place`` (from 1; beyond the last one: the last), the others close ranks. Returns its place.

    Raises as :func:`move` does.
    """
    ranks = _locked_ranks(lease)
    return _write_place(lease, ranks, min(max(place, 1), len(ranks)) - 1, by)


def _locked_ranks(lease: Lease) -> dict[int, int]:
    """Ranks by lease, in their order, with the project locked: nothing is charged or reordered meanwhile."""
    with _busy_as_try_again():
        project_lock.wait_for_lock(lease.project_id, timeout="3s")
    project = Project.objects.get(pk=lease.project_id)
    require_active(project)
    live = Lease.objects.filter(project=project, status__in=Lease.LIVE).order_by("renewal_rank", "id")
    ranks = dict(live.values_list("pk", "renewal_rank"))
    if lease.pk not in ranks:
        raise lease_ended()
    return ranks


def _write_place(lease: Lease, ranks: dict[int, int], place: int, by: Actor) -> int:
    ids = list(ranks)
    was = ids.index(lease.pk)
    if place != was:
        ids.insert(place, ids.pop(was))
        wanted = {pk: n - len(ids) for n, pk in enumerate(ids)}
        changed = sorted(pk for pk in ids if wanted[pk] != ranks[pk])
        with _busy_as_try_again():  # in the order of ids, like whoever else locks several leases
            list(Lease.objects.filter(pk__in=changed).order_by("id").select_for_update(no_key=True).values_list("pk"))
        with connection.cursor() as cursor:
            cursor.execute(_RANKS, [changed, [wanted[pk] for pk in changed]])
        record(lease, "renewal.moved", by, before=was + 1, place=place + 1, of=len(ids))
    return place + 1


BUSY = {"55P03", "40P01"}  # lock not available, deadlock detected


@contextmanager
def _busy_as_try_again() -> Iterator[None]:
    """A lock that is not free in time, or a deadlock, is the error ``try_again``."""
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) not in BUSY:
            raise
        raise DomainError("try_again", "Renewals are running in this project at the moment. Please try again.")
