"""Where calls go, of all numbers as one table: export, import with a dry run, and what came of it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from numbers.routing_files import importing, queries
from numbers.routing_files.forms import ImportForm, ReportForm
from portal.core.errors import DomainError
from portal.core.flash import BRIEF
from portal.core.forms import add_domain_error, form_status
from portal.core.pages import part_of, post_only
from portal.core.paging import page_urls
from portal.core.progress import turn
from portal.core.spreadsheet import download
from projects.access import Right, project_view
from projects.actor import from_request
from projects.models import Project
from projects.request import PortalRequest

MOST_TURNS = 600  # requests of a page for the progress; then its reader reloads


@require_http_methods(["GET", "HEAD", "POST"])
@project_view(Right.MANAGE_NUMBERS)
def routing_file(request: PortalRequest, project: Project) -> HttpResponse:
    now = timezone.now()
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            record = importing.start(project=project, file=file, by=from_request(request), now=now)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect("numbers:routing_import", project.pid, record.ref)
    context = {"form": form, "imports": queries.recent(project, now)}
    return render(request, "numbers/routing_files/file.html", context, status=form_status(form))


@part_of("numbers:purchased", "pid")
@require_GET
@project_view(Right.VIEW)
def export(request: PortalRequest, project: Project) -> StreamingHttpResponse:
    return download(request, queries.export(project), f"routing-{project.pid}.csv")


@require_safe
@project_view(Right.MANAGE_NUMBERS)
def detail(request: PortalRequest, project: Project, ref: UUID) -> HttpResponse:
    form = ReportForm(request.GET)
    context = _context(project, ref, form)
    return render(request, "numbers/routing_files/import.html", context, status=form_status(form))


@part_of("numbers:routing_import", "pid", "ref")
@require_GET
@project_view(Right.MANAGE_NUMBERS)
def progress(request: PortalRequest, project: Project, ref: UUID) -> HttpResponse:
    """What a page requests again until the job has ended; ``turn`` counts the requests."""
    context = _context(project, ref, ReportForm({}))
    return render(request, "numbers/routing_files/_import.html", context | {"turn": turn(request, MOST_TURNS)})


def _context(project: Project, ref: UUID, form: ReportForm) -> dict[str, Any]:
    record = queries.find(project, ref, timezone.now())
    form.is_valid()
    after = form.cleaned_data.get("after")
    context: dict[str, Any] = {"record": record, "form": form, "expires_at": record.created_at + queries.KEPT}
    if record.is_running:
        return context
    page = queries.row_page(record, after)
    here = reverse("numbers:routing_import", args=[project.pid, ref])
    urls = page_urls(here, {}, cursor="after", current=after, following=page.next_after, fragment="rows")
    return context | {"page": page} | urls


@part_of("numbers:routing_import", "pid", "ref")
@require_GET
@project_view(Right.MANAGE_NUMBERS)
def report(request: PortalRequest, project: Project, ref: UUID) -> StreamingHttpResponse:
    record = queries.find(project, ref, timezone.now())
    return download(request, queries.report(record), f"routing-report-{project.pid}.csv")


@post_only("numbers:routing_import", "pid", "ref")
@project_view(Right.MANAGE_NUMBERS)
def apply(request: PortalRequest, project: Project, ref: UUID) -> HttpResponse:
    record = queries.find(project, ref, timezone.now())
    try:
        importing.apply(record=record, by=from_request(request))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("numbers:routing_import", project.pid, ref)


@post_only("numbers:routing_import", "pid", "ref")
@project_view(Right.MANAGE_NUMBERS)
def delete(request: PortalRequest, project: Project, ref: UUID) -> HttpResponse:
    queries.delete(record=queries.find(project, ref, timezone.now()))
    messages.success(request, "The file and its report were deleted. What it changed stays.", extra_tags=BRIEF)
    return redirect("numbers:routing_file", project.pid)
