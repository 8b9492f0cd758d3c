"""Purchased Numbers as a list: filters, pages, and what the filters offer."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Func, Q, QuerySet, Subquery, TextField, Value

from billing.ledger import queries as ledger
from billing.ledger.models import AccountKind
from numbers.inventory import number_filter
from numbers.leases.models import Lease
from numbers.leases.queries import used_tags
from numbers.messaging import queries as messaging
from numbers.orders.models import Order
from numbers.renewals.groups import project_renewals
from numbers.renewals.queries import UnpaidSummary, unpaid_of
from numbers.routing.models import CallRoute
from numbers.routing.queries import project_settings
from numbers.routing.summary import add_summaries
from portal.accounts import countries
from projects.models import Project

PAGE_SIZE = 25
ENDING = "ending"


@dataclass(frozen=True, slots=True)
class NumberSummary:
    active: int  # live leases, paid or not
    ordered: int  # orders that wait for documents or for our team
    monthly_cost: Decimal
    unpaid: UnpaidSummary | None = None  # of the active ones


@dataclass(frozen=True, slots=True)
class LeasePage:
    leases: list[Lease]
    next_before: int | None  # ask for the following page with it


@dataclass(frozen=True, slots=True)
class Facets:
    """What the filters offer."""

    countries: list[str]  # codes, in the order of the countries' names
    tags: list[str]


def number_summary(project: Project, now: datetime) -> NumberSummary:
    """Two queries, however many numbers there are."""
    renewals = project_renewals(project.pk)
    ordered, balance = (
        Project.objects.filter(pk=project.pk)
        .annotate(
            ordered=Count("orders", filter=Q(orders__status__in=Order.OPEN)),
            balance=Subquery(ledger.balance_of(project.pk, AccountKind.WALLET)),
        )
        .values_list("ordered", "balance")
        .get()
    )
    unpaid = unpaid_of(renewals, now, balance or ledger.ZERO)
    return NumberSummary(renewals.active, ordered, renewals.monthly_cost, unpaid)


def filtered(
    project: Project,
    *,
    q: str = "",
    country: str = "",
    type: str = "",
    capability: str = "",
    tag: str = "",
    status: str = "",
    routing: str = "",
    messages: str = "",
) -> QuerySet[Lease]:
    """Purchased Numbers that fit all of it, newest first, with number, call route, the project's call settings
    and where messages go.

    ``q`` is part of a friendly name or tag or, with its digits, of a number; ``status`` is one of Lease.Status or
    ``ending`` (to be released at the end of the period), "" for all that are live; ``capability`` is
    ``voice`` or ``sms``; ``routing`` is ``set``, ``inherited`` for numbers whose calls the
    project's SIP trunk takes, or ``unset`` for those that take calls and lead nowhere; ``messages`` is one of
    numbers.messaging.queries.Delivers.
    """
    known = ("number", "call_route", "project__call_settings")
    leases = Lease.objects.filter(project=project).select_related(*known).order_by("-id")
    leases = leases.annotate(**messaging.summaries())
    leases = leases.filter(_fits(status))
    if country:
        leases = leases.filter(number__country=country)
    if type:
        leases = leases.filter(number__type=type)
    if capability:
        leases = leases.filter(**{f"number__{capability}": True})
    if tag:
        leases = leases.filter(tags__contains=[tag])
    if routing:
        leases = leases.filter(_leads(project, routing))
    if messages:
        leases = leases.filter(messaging.delivers(messages))
    if q:
        words = Func(F("tags"), Value("\n"), function="array_to_string", output_field=TextField())
        leases = leases.alias(tag_words=words).filter(_mentions(q))
    return leases


def _fits(status: str) -> Q:
    if status == ENDING:
        return Q(status__in=Lease.LIVE, release_on__isnull=False)
    return Q(status=status) if status else Q(status__in=Lease.LIVE)


def _leads(project: Project, routing: str) -> Q:
    own = Q(call_route__isnull=False) & ~Q(call_route__kind=CallRoute.Kind.NONE)
    if routing == "set":
        return own
    inherits = project_settings(project.pk).trunk is not None
    return ~own & Q(number__voice=True) if inherits == (routing == "inherited") else Q(pk__in=[])


def _mentions(q: str) -> Q:
    return (
        Q(friendly_name__icontains=q)
        | Q(tag_words__contains=q.lower())
        | (number_filter.digits_filter(q, "number__e164") or Q())
    )


def listing(project: Project, *, before: int | None = None, **filters: str) -> LeasePage:
    """A page of what :func:`filtered` finds."""
    leases = filtered(project, **filters)
    if before is not None:
        leases = leases.filter(id__lt=before)
    page = list(leases[: PAGE_SIZE + 1])
    add_summaries(project.pk, page)
    for lease in page:
        lease.message_url = messaging.set_url(lease)
    more = len(page) > PAGE_SIZE
    return LeasePage(page[:PAGE_SIZE], page[PAGE_SIZE - 1].pk if more else None)


def facets(project: Project) -> Facets:
    """Countries and tags of the project's live leases, in one query."""
    live = Lease.objects.filter(project=project, status__in=Lease.LIVE)
    codes, words = (
        Project.objects.filter(pk=project.pk)
        .values_list(ArraySubquery(live.values("number__country").distinct()), ArraySubquery(used_tags(project)))
        .get()
    )
    return Facets(sorted(codes, key=countries.name), words)
