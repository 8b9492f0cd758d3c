"""Purchased Numbers: the list, and its download."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.console.orders.order_context import ordered_numbers
from numbers.console.purchased import export, listing
from numbers.console.purchased.forms import ListingForm
from numbers.messaging import queries as messaging
from numbers.messaging.messaging_context import messaging_context
from numbers.routing.queries import find
from numbers.routing.routing_context import routing_context
from portal.core.forms import form_status
from portal.core.htmx import htmx_target, is_htmx
from portal.core.pages import part_of
from portal.core.paging import page_urls
from portal.core.spreadsheet import download
from projects.access import Right, project_view
from projects.models import Project


@require_safe
@project_view(Right.VIEW)
def purchased(request: HttpRequest, project: Project) -> HttpResponse:
    form = ListingForm(request.GET)
    filters = form.filters()
    before = form.cleaned_data.get("before")
    page = listing.listing(project, before=before, **filters)
    here = reverse("numbers:purchased", args=[project.pid])
    context = {
        "form": form,
        "filters": filters,
        "page": page,
        "filtered": any(filters.values()),
        "more_filters": sum(bool(filters[name]) for name in form.MORE),
        "address": form.address(),
        "new": form.cleaned_data.get("new"),
        "may_change": Right.MANAGE_NUMBERS in project.my_rights,
        "facets": listing.facets(project),
    } | page_urls(here, filters, cursor="before", current=before, following=page.next_before)
    if htmx_target(request) == "purchased-list":
        return render(request, "numbers/purchased/_purchased_list.html", context, status=form_status(form))
    now = timezone.now()
    summary = listing.number_summary(project, now)
    whole = {
        "summary": summary,
        "ordered": ordered_numbers(project, now),
        "unpaid": summary.unpaid,
    }
    return render(request, "numbers/purchased/purchased.html", context | whole, status=form_status(form))


@part_of("numbers:lease", "pid", "lease")
@require_safe
@project_view(Right.VIEW)
def row(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    """What *Expand* shows below the row of a number; opened by its address alone it is the page of the number."""
    found = find(project, lease, **messaging.whole())
    if not is_htmx(request):
        return redirect("numbers:lease", project.pid, lease)
    context = routing_context(found) | messaging_context(found)
    return render(request, "numbers/purchased/_row.html", context | {"in_list": True, "shown_in": "numbers:purchased"})


@part_of("numbers:purchased", "pid")
@require_safe
@project_view(Right.VIEW)
def purchased_csv(request: HttpRequest, project: Project) -> StreamingHttpResponse:
    """What the filters of the address leave, all pages of it."""
    leases = listing.filtered(project, **ListingForm(request.GET).filters())
    return download(request, export.rows(project.pk, leases), f"numbers-{project.pid}.csv")
