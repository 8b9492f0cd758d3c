"""Calls of a project: the list, its download, and one call."""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.calls import export, queries
from numbers.calls.forms import CallsForm
from numbers.calls.models import Direction
from numbers.calls.why import explain
from numbers.calls.why_ended import why_ended
from portal.core.forms import form_status
from portal.core.htmx import htmx_target
from portal.core.monthly_list import read_cursor
from portal.core.pages import part_of
from portal.core.paging import page_urls
from portal.core.spreadsheet import download
from projects.access import Right, project_view
from projects.models import Project


@require_safe
@project_view(Right.VIEW)
def calls(request: HttpRequest, project: Project) -> HttpResponse:
    form = CallsForm(request.GET)
    before = read_cursor(request.GET.get("before", ""))
    page, only = queries.CallPage(), None
    if form.is_valid():
        only = form.filter(timezone.now())
        page = queries.page(project, only, before=before)
    here, filters = reverse("numbers:calls", args=[project.pid]), form.address()
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "only": only,
        "filtered": bool(filters),
        "query": form.query(),
    } | page_urls(here, filters, cursor="before", current=before, following=page.following)
    part = htmx_target(request) == "calls-list"
    return render(request, f"numbers/calls/{'_list' if part else 'calls'}.html", context, status=form_status(form))


@part_of("numbers:calls", "pid")
@require_safe
@project_view(Right.VIEW)
def calls_csv(request: HttpRequest, project: Project) -> HttpResponse | StreamingHttpResponse:
    """What the filters of the address leave, all pages of it."""
    form = CallsForm(request.GET)
    if not form.is_valid():
        return redirect(reverse("numbers:calls", args=[project.pid], query=form.address()))
    return download(request, export.rows(project, form.filter(timezone.now())), f"calls-{project.pid}.csv")


@require_safe
@project_view(Right.VIEW)
def call(request: HttpRequest, project: Project, start: int, record: int) -> HttpResponse:
    found = queries.find(project, start, record)
    legs = queries.legs(found)
    # Of the call as it came in; what became of each attempt stands with its leg.
    why = explain(found, legs) if found.direction == Direction.IN else None
    context = {"call": found, "why_ended": why_ended(found), "legs": legs, "why": why}
    return render(request, "numbers/calls/call.html", context)
