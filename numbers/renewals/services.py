"""The customer's order of renewal: whose month is paid first when the credit does not reach for all.

Ranks are dense and negative (of three numbers -3, -2, -1), so a number bought later, with rank 0, comes last.
"""

from datetime import datetime
from enum import StrEnum

from django.db import OperationalError, connection, transaction

from numbers.leases.models import Lease
from numbers.renewals import locks
from projects import audit
from projects.actor import Actor
from projects.errors import DomainError
from projects.models import Project


class Move(StrEnum):
    UP = "up"
    DOWN = "down"
    TOP = "top"
    BOTTOM = "bottom"


_RANKS = """
UPDATE numbers_lease SET renewal_rank = wanted.rank
FROM (SELECT id, n - 1 - %(count)s AS rank FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS w (id, n)) AS wanted
WHERE numbers_lease.id = wanted.id AND numbers_lease.renewal_rank <> wanted.rank
"""


@transaction.atomic
def move(*, lease: Lease, to: Move, by: Actor, now: datetime) -> int:
    """Moves a number in its project's order; returns its place, from 1.

    Up from the first place, or down from the last, changes nothing. Raises ``lease_ended``, ``project_archived`` and
    ``try_again``.
    """
    ids = _begin(lease)
    was = ids.index(lease.pk)
    place = {Move.UP: max(was - 1, 0), Move.DOWN: min(was + 1, len(ids) - 1), Move.TOP: 0,
             Move.BOTTOM: len(ids) - 1}[to]
    return _place(lease, ids, was, place, by)


@transaction.atomic
def place(*, lease: Lease, place: int, by: Actor, now: datetime) -> int:
    """Puts a number on ``place`` (from 1; beyond the last one: the last), the others close ranks. Returns its place.

    Raises as :func:`move` does.
    """
    ids = _begin(lease)
    return _place(lease, ids, ids.index(lease.pk), min(max(place, 1), len(ids)) - 1, by)


def _begin(lease: Lease) -> list[int]:
    """The order as it is now; nobody charges or reorders until this transaction ends."""
    try:
        with transaction.atomic():
            locks.await_turn(lease.project_id, patience="3s")
    except OperationalError:
        raise DomainError("try_again", "Months are being charged in this project right now. Please try again.")
    project = Project.objects.get(pk=lease.project_id)
    if not project.is_active:
        raise DomainError("project_archived", "This project is archived; nothing in it can be changed.")
    live = Lease.objects.filter(project=project, status__in=Lease.LIVE).order_by("renewal_rank", "id")
    ids = list(live.values_list("pk", flat=True))
    if lease.pk not in ids:
        raise DomainError("lease_ended", "This number has been released; there is nothing to renew.")
    return ids


def _place(lease: Lease, ids: list[int], was: int, place: int, by: Actor) -> int:
    if place != was:
        ids.insert(place, ids.pop(was))
        # In the order of ids, as everybody locks several leases; what the update then finds is ours.
        list(Lease.objects.filter(pk__in=ids).order_by("id").select_for_update(no_key=True).values_list("pk"))
        with connection.cursor() as cursor:
            cursor.execute(_RANKS, {"ids": ids, "count": len(ids)})
        audit.record(
            project_id=lease.project_id, by=by, action="renewal.moved", subject=lease.number.e164, lease=lease.pk,
            before=was + 1, place=place + 1, of=len(ids))
    return place + 1
