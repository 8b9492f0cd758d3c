"""From a transfer's cause to the page where the cause can be seen. Rooms above register their own kinds."""

from collections.abc import Callable, Iterable

from django.urls import NoReverseMatch, reverse

from billing.ledger.queries import Movement
from billing.payments.models import TopUp

# (project id as in addresses, ids of causes) → address by id; called once per page, not once per row.
Resolver = Callable[[str, set[int]], dict[int, str]]
_resolvers: dict[str, Resolver] = {}


def register(kind: str, resolver: Resolver) -> None:
    _resolvers[kind] = resolver


def links(pid: str, movements: Iterable[Movement]) -> dict[tuple[str, int], str]:
    """Address by (cause kind, cause id); what has no page is absent."""
    wanted: dict[str, set[int]] = {}
    for movement in movements:
        wanted.setdefault(movement.cause_kind, set()).add(movement.cause_id)
    return {
        (kind, cause): url
        for kind, causes in wanted.items()
        if kind in _resolvers
        for cause, url in _resolvers[kind](pid, causes).items()
    }


def _receipts(pid: str, causes: set[int]) -> dict[int, str]:
    refs = TopUp.objects.filter(pk__in=causes).values_list("pk", "ref")
    return {pk: reverse("billing:receipt", args=[pid, ref]) for pk, ref in refs}


def _leases(pid: str, causes: set[int]) -> dict[int, str]:
    try:
        return {cause: reverse("numbers:lease", args=[pid, cause]) for cause in causes}
    except NoReverseMatch:
        return {}


register("top_up", _receipts)
register("lease", _leases)  # by name only: billing knows nothing of numbers
