"""A part of the installation that is away, busy or takes no writes, in the words of every edge."""

from portal.core import outage
from portal.core.errors import DomainError
from portal.core.outage import Outage


def out_of_service(error: BaseException | None) -> DomainError | None:
    """An outage as a refusal; ``retry_after`` in seconds. None when ``error`` is something else.

    Busy means: what was asked for was not done, and it is worth trying again at once.
    """
    match outage.of(error):
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
