"""One act on many numbers: each in a transaction of its own, each with its own result."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from numbers.leases.models import Lease
from portal.core.errors import DomainError
from projects.models import Project

LIMIT = 100  # numbers per request


@dataclass(frozen=True, slots=True)
class BulkResult:
    e164: str  # "" when the project has no such number
    lease_id: int
    done: bool
    text: str  # what happened, or why not
    code: str = ""  # of the error


def select(project: Project, ids: Iterable[int]) -> dict[int, Lease | None]:
    """Leases by id, in the order of the ids; None where the project has none."""
    wanted = list(ids)
    found = Lease.objects.filter(project=project, pk__in=wanted).select_related("number", "call_route").in_bulk()
    return {pk: found.get(pk) for pk in wanted}


def run(leases: dict[int, Lease | None], act: Callable[[Lease], str]) -> list[BulkResult]:
    """``act`` is one call of a service; it returns what it did in words. An error concerns its own number only."""
    return [_one(pk, lease, act) for pk, lease in leases.items()]


def _one(pk: int, lease: Lease | None, act: Callable[[Lease], str]) -> BulkResult:
    if lease is None:
        return BulkResult("", pk, False, "This project has no such number.", "not_found")
    try:
        return BulkResult(lease.number.e164, pk, True, act(lease))
    except DomainError as error:
        return BulkResult(lease.number.e164, pk, False, error.message, error.code)


def address(leases: Iterable[int]) -> str:
    """The selection as it stands in an address."""
    return urlencode([("lease", pk) for pk in leases])
