"""Numbers › Overview, Purchased Numbers, and the page of one number."""

from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from numbers.leases import queries, services, spend
from numbers.leases.forms import ListingForm, MonthForm, NameForm
from numbers.leases.models import Lease
from numbers.orders.queries import open_orders
from numbers.routing.panel import panel
from projects.access import Right, project_view
from projects.actor import from_request
from projects.errors import DomainError, NotFound
from projects.models import Project


@require_safe
@project_view(Right.VIEW)
def overview(request: HttpRequest, project: Project) -> HttpResponse:
    now = timezone.now()
    form = MonthForm(request.GET)
    form.is_valid()
    month = form.cleaned_data.get("month") or now.date().replace(day=1)
    after = form.cleaned_data.get("after") or ""
    months = _months(project, now)
    context = {
        "form": form,
        "spend": spend.month_spend(project, month, after=after),
        "after": after,
        "months": months if month in months else [month, *months],
        "earlier": spend.preceding(month) if month > months[-1] else None,
        "later": spend.following(month) if month < months[0] else None,
    }
    return render(request, "numbers/leases/overview.html", context)


def _months(project: Project, now: datetime) -> list[date]:
    """From this month back to the one in which the project began, five years at most."""
    month, first = now.date().replace(day=1), project.created_at.date().replace(day=1)
    months = [month]
    while months[-1] > first and len(months) < 60:
        months.append(spend.preceding(months[-1]))
    return months


@require_safe
@project_view(Right.VIEW)
def purchased(request: HttpRequest, project: Project) -> HttpResponse:
    form = ListingForm(request.GET)
    filters = form.filters()
    page = queries.listing(project, **filters)
    filtered = bool(filters["q"] or filters["status"])
    context = {
        "form": form,
        "page": page,
        "filters": filters,
        "filtered": filtered,
        "new": form.cleaned_data.get("new"),
        "ordered": open_orders(project, timezone.now()),
    }
    if getattr(request, "htmx", False) and request.htmx.target == "purchased-list":  # type: ignore[attr-defined]
        return render(request, "numbers/leases/_purchased_list.html", context)
    return render(request, "numbers/leases/purchased.html", context | {"summary": queries.number_summary(project)})


def _lease(project: Project, pk: int) -> Lease:
    lease = Lease.objects.select_related("number", "call_route").filter(project=project, pk=pk).first()
    if lease is None:
        raise NotFound("There is no such number in this project.")
    return lease


@require_safe
@project_view(Right.VIEW)
def detail(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    found = _lease(project, lease)
    return _detail(request, found, NameForm(initial={"friendly_name": found.friendly_name}))


def _detail(request: HttpRequest, lease: Lease, form: NameForm, status: int = 200) -> HttpResponse:
    context = panel(lease) | {"name_form": form, "charges": queries.charges(lease)}
    return render(request, "numbers/leases/detail.html", context, status=status)


@require_POST
@project_view(Right.MANAGE_NUMBERS)
def rename(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    found = _lease(project, lease)
    form = NameForm(request.POST)
    if not form.is_valid():
        return _detail(request, found, form, status=422)
    name = form.cleaned_data["friendly_name"]
    try:
        services.rename_lease(lease=found, name=name, by=from_request(request), now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Saved as “{name}”." if name else "The friendly name was removed.")
    return redirect("numbers:lease", project.pid, found.pk)
