"""Numbers › Overview, Purchased Numbers, and the page of one number."""

from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.console.orders.order_context import open_orders
from numbers.console.overview import spend
from numbers.console.purchased import export
from numbers.console.purchased.forms import ListingForm, MonthForm, NameForm, TagsForm
from numbers.leases import queries, releasing, services
from numbers.leases.models import Lease
from numbers.renewals.queries import unpaid_summary
from numbers.routing.routing_context import routing_context
from portal.core.errors import DomainError
from portal.core.flash import BRIEF
from portal.core.htmx import htmx_target
from portal.core.pages import part_of, post_only
from portal.core.spreadsheet import download
from projects.access import Right, project_view
from projects.actor import from_request
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
    before = form.cleaned_data.get("before")
    context = {
        "form": form,
        "filters": filters,
        "before": before,
        "page": queries.listing(project, before=before, **filters),
        "filtered": any(filters.values()),
        "more_filters": sum(bool(filters[name]) for name in form.MORE),
        "address": form.address(),
        "new": form.cleaned_data.get("new"),
        "may_change": Right.MANAGE_NUMBERS in project.my_rights,
        "facets": queries.facets(project),
    }
    if htmx_target(request) == "purchased-list":
        return render(request, "numbers/leases/_purchased_list.html", context)
    now = timezone.now()
    summary = queries.number_summary(project)
    whole = {
        "summary": summary,
        "ordered": open_orders(project, now),
        "unpaid": unpaid_summary(project.pk, now) if summary.unpaid else None,
    }
    return render(request, "numbers/leases/purchased.html", context | whole)


@part_of("numbers:purchased", "pid")
@require_safe
@project_view(Right.VIEW)
def purchased_csv(request: HttpRequest, project: Project) -> StreamingHttpResponse:
    """What the filters of the address leave, all pages of it."""
    leases = queries.filtered(project, **ListingForm(request.GET).filters())
    return download(request, export.rows(leases), f"numbers-{project.pid}.csv")


@require_safe
@project_view(Right.VIEW)
def detail(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    return _detail(request, project, queries.find(project, lease))


def _detail(
    request: HttpRequest,
    project: Project,
    lease: Lease,
    *,
    name: NameForm | None = None,
    tags: TagsForm | None = None,
) -> HttpResponse:
    """With a form that was refused, or with what is stored."""
    now = timezone.now()
    context = routing_context(lease) | {
        "name_form": name or NameForm(initial={"friendly_name": lease.friendly_name}),
        "tags_form": tags or TagsForm(initial={"tags": ", ".join(lease.tags)}),
        "known_tags": [tag for tag in queries.tags(project) if tag not in lease.tags],
        "charges": queries.charges(lease),
        "history": queries.history(lease),
        "terms": releasing.release_terms(lease, at_period_end=lease.release_on is not None, now=now),
        "can_undo": releasing.can_undo(lease, now=now) and project.is_active,
        "may_change": Right.MANAGE_NUMBERS in project.my_rights and lease.ended_at is None,
    }
    return render(request, "numbers/leases/detail.html", context, status=422 if name or tags else 200)


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def rename(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    found, form = queries.find(project, lease), NameForm(request.POST)
    if not form.is_valid():
        return _detail(request, project, found, name=form)
    name = form.cleaned_data["friendly_name"]
    try:
        services.rename_lease(lease=found, name=name, by=from_request(request), now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        words = f"Saved as “{name}”." if name else "The friendly name was removed."
        messages.success(request, words, extra_tags=BRIEF)
    return redirect("numbers:lease", project.pid, found.pk)


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def retag(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    found, form = queries.find(project, lease), TagsForm(request.POST)
    if not form.is_valid():
        return _detail(request, project, found, tags=form)
    tags = form.cleaned_data["tags"]
    try:
        services.set_tags(lease=found, tags=tags, by=from_request(request), now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        words = "The tags were saved." if tags else "The number has no tags now."
        messages.success(request, words, extra_tags=BRIEF)
    return redirect("numbers:lease", project.pid, found.pk)
