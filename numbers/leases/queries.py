"""Reads on a project's numbers."""

from django.db.models import F, Func, QuerySet, TextField
from django.db.models.expressions import Combinable

from billing.ledger.models import Transfer
from numbers.leases.models import Lease
from portal.core.errors import NotFound
from projects import audit
from projects.models import AuditEntry, Project

CHARGES_SHOWN = 24
ENTRIES_SHOWN = 12
TAGS_SHOWN = 100
HOLDERS = 20  # leases of one number in a project that a list reads


def find(project: Project, pk: int, **also: Combinable) -> Lease:
    """A lease of the project with number and call route, whether it still runs or not; ``also`` are read in the same
    query, by name. Raises NotFound."""
    leases = Lease.objects.select_related("number", "call_route").annotate(**also)
    lease = leases.filter(project=project, pk=pk).first()
    if lease is None:
        raise NotFound("This project has no such number.")
    lease.project = project
    return lease


def used_tags(project: Project) -> QuerySet[Lease, str]:
    """Tags in use, by the alphabet, ``TAGS_SHOWN`` at most: a query, for use in others."""
    live = Lease.objects.filter(project=project, status__in=Lease.LIVE)
    words = Func(F("tags"), function="unnest", output_field=TextField())
    return live.annotate(word=words).values_list("word", flat=True).distinct().order_by("word")[:TAGS_SHOWN]


def charges(lease: Lease) -> QuerySet[Transfer]:
    """What this lease was charged: setup and months, newest first."""
    return Transfer.objects.filter(cause_kind="lease", cause_id=lease.pk).order_by("-id")[:CHARGES_SHOWN]


def history(lease: Lease) -> QuerySet[AuditEntry]:
    """What was done to its number in this project, newest first. ``lease`` with its number."""
    return audit.about(lease.project_id, lease.number.e164, ENTRIES_SHOWN)


def holders(project: Project, e164: str) -> tuple[str, list[int]]:
    """Whose rows a list shows (portal.core.monthly_list): those of the project, or of its leases of one number."""
    if not e164:
        return "project_id", [project.pk]
    found = Lease.objects.filter(project=project, number__e164=e164).order_by("-id")
    return "lease_id", list(found.values_list("pk", flat=True)[:HOLDERS])
