"""Which errors mean that a part of the installation is away, takes no writes, or is busy; and writes that may be lost.

A read must not fail because something beside it could not be written down: such writes are in :func:`best_effort`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.utils import Error
from redis.exceptions import RedisError

from portal.core.errors import DomainError

log = logging.getLogger(__name__)


class Outage(StrEnum):
    BUSY = "busy"  # a lock or a statement took too long, or two transactions stood in each other's way
    READ_ONLY = "read_only"  # a standby, maintenance, or a full disk
    AWAY = "unavailable"


CODES = frozenset(map(str, Outage))

# SQLSTATE; https://www.postgresql.org/docs/current/errcodes-appendix.html
_BUSY = {"55P03", "57014", "40P01", "40001"}  # lock not available, query cancelled, deadlock, serialization failure
_READ_ONLY = {"25006", "53100"}  # read-only transaction, disk full
# Connection, resources, operator intervention (shutdown, starting), system errors; refused at the door: too many
# transactions idle, a role or database that is (not yet) there.
_AWAY = ("08", "53", "57", "58", "25P03", "28", "3D000")


def classify(error: BaseException | None) -> Outage | None:
    """None for everything that is nobody's outage, a mistake in a statement for instance."""
    if isinstance(error, RedisError):
        return Outage.AWAY
    if not isinstance(error, Error):
        return None
    state = getattr(error.__cause__, "sqlstate", None)
    if state is None:  # the client says so, not the server: no connection, or none any more
        return Outage.AWAY if isinstance(error, OperationalError | InterfaceError) else None
    if state in _BUSY:
        return Outage.BUSY
    if state in _READ_ONLY:
        return Outage.READ_ONLY
    return Outage.AWAY if state.startswith(_AWAY) else None


def as_domain_error(error: BaseException | None) -> DomainError | None:
    """An outage in the words of every edge; ``retry_after`` in seconds. None when ``error`` is something else.

    Busy means: what was asked for was not done, and it is worth trying again at once.
    """
    match classify(error):
        case Outage.BUSY:
            return DomainError(
                "busy",
                "The portal is busy, or someone else is changing the same thing. Please try again.",
                status=503,
                retry_after=2,
            )
        case Outage.READ_ONLY:
            return DomainError(
                "read_only",
                "Nothing can be changed at the moment, but you can still see everything. "
                "Please try again in a few minutes.",
                status=503,
                retry_after=30,
            )
        case Outage.AWAY:
            return DomainError(
                "unavailable",
                "The service is busy or being restarted. Please try again in a moment.",
                status=503,
                retry_after=5,
            )
    return None


@contextmanager
def best_effort(what: str, **facts: object) -> Iterator[None]:
    """Database writes that the work beside them does not need; ``what`` and ``facts`` go to the log instead.

    They are lost while the database takes none. A transaction around them goes on.
    """
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            yield
    except Error as error:
        outage = classify(error)
        if outage is None:
            raise
        log.warning("outage.write_lost", extra=facts | {"what": what, "outage": outage.value})
