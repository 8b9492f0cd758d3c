"""Importing app users from a file: choosing it, its progress, its report."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from portal.core.errors import DomainError
from portal.core.flash import BRIEF
from portal.core.forms import add_domain_error, form_status
from portal.core.pages import part_of, post_only
from portal.core.paging import page_urls
from portal.core.progress import turn
from portal.core.spreadsheet import download
from projects.access import Right, project_view
from projects.actor import from_request
from projects.app_users import importing, imports
from projects.app_users.forms import ImportForm, ReportForm
from projects.app_users.import_file import COLUMNS
from projects.app_users.models import AppUserImport, ImportResult
from projects.models import Project
from projects.request import PortalRequest

MOST_TURNS = 600  # requests of a page for the progress; then its reader reloads
EXAMPLES = (("alice", "Alice Winter", ""), ("reception-2", "Reception, 2nd floor", ""))


@require_http_methods(["GET", "HEAD", "POST"])
@project_view(Right.MANAGE_NUMBERS)
def import_file(request: PortalRequest, project: Project) -> HttpResponse:
    now = timezone.now()
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            record = importing.start(project=project, file=file, by=from_request(request), now=now)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect("projects:app_user_import", project.pid, record.ref)
    context = {"form": form, "imports": imports.recent(project, now)}
    return render(request, "projects/app_users/import_file.html", context, status=form_status(form))


@part_of("projects:app_user_import_file", "pid")
@require_GET
@project_view(Right.MANAGE_NUMBERS)
def template(request: PortalRequest, project: Project) -> StreamingHttpResponse:
    return download(request, [COLUMNS, *EXAMPLES], "app-users.csv")


@require_safe
@project_view(Right.MANAGE_NUMBERS)
def detail(request: PortalRequest, project: Project, ref: UUID) -> HttpResponse:
    form = ReportForm(request.GET)
    context = _context(request, project, ref, form)
    return render(request, "projects/app_users/import.html", context, status=form_status(form))


@part_of("projects:app_user_import", "pid", "ref")
@require_GET
@project_view(Right.MANAGE_NUMBERS)
def progress(request: PortalRequest, project: Project, ref: UUID) -> HttpResponse:
    """What a page requests again until the import is done; ``turn`` counts the requests."""
    context = _context(request, project, ref, ReportForm({}))
    return render(request, "projects/app_users/_import.html", context | {"turn": turn(request, MOST_TURNS)})


def _context(request: PortalRequest, project: Project, ref: UUID, form: ReportForm) -> dict[str, Any]:
    now = timezone.now()
    record = imports.find(project, ref, now)
    form.is_valid()
    result, after = form.cleaned_data.get("result") or "", form.cleaned_data.get("after")
    context: dict[str, Any] = {"record": record, "form": form, "result": result, "expires_at": record.created_at}
    context["expires_at"] += imports.KEPT
    if record.is_running:
        return context
    page = imports.row_page(record, result=result, after=after)
    here = reverse("projects:app_user_import", args=[project.pid, ref])
    return (
        context
        | {
            "page": page,
            "results": _results(record),
            "passwords": imports.new_passwords(record),
            "may_take": imports.can_take_passwords(record, now),
        }
        | page_urls(here, {"result": result}, cursor="after", current=after, following=page.next_after, fragment="rows")
    )


def _results(record: AppUserImport) -> list[tuple[str, str, int]]:
    """What the report can be narrowed to: value, label, number of rows."""
    counts = {
        ImportResult.ADDED: record.added,
        ImportResult.EXISTING: record.existing,
        ImportResult.ERROR: record.failed,
    }
    return [("", "All rows", record.processed), *((each.value, str(each.label), counts[each]) for each in ImportResult)]


@part_of("projects:app_user_import", "pid", "ref")
@require_GET
@project_view(Right.MANAGE_NUMBERS)
def report(request: PortalRequest, project: Project, ref: UUID) -> StreamingHttpResponse:
    record = imports.find(project, ref, timezone.now())
    return download(request, imports.report(record), f"app-users-report-{project.pid}.csv")


@post_only("projects:app_user_import", "pid", "ref")
@project_view(Right.MANAGE_NUMBERS)
def passwords(request: PortalRequest, project: Project, ref: UUID) -> HttpResponse | StreamingHttpResponse:
    """The table with the new passwords, in this answer and nowhere else."""
    now = timezone.now()
    record = imports.find(project, ref, now)
    try:
        rows = imports.take_passwords(record=record, by=from_request(request), now=now)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("projects:app_user_import", project.pid, ref)
    return download(request, rows, f"app-users-passwords-{project.pid}.csv")


@post_only("projects:app_user_import", "pid", "ref")
@project_view(Right.MANAGE_NUMBERS)
def delete(request: PortalRequest, project: Project, ref: UUID) -> HttpResponse:
    imports.delete(record=imports.find(project, ref, timezone.now()))
    messages.success(request, "The import and its report were deleted. App users that it added stay.", extra_tags=BRIEF)
    return redirect("projects:app_user_import_file", project.pid)
