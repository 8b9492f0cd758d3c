"""Numbers › Documents to upload: what orders need, what was uploaded, and uploading."""

import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from numbers.compliance import uploads
from numbers.compliance.checklist import order_checklist
from numbers.console.documents import document_list, inspection_progress, open_orders, queries
from numbers.console.documents.forms import ListingForm, UploadForm
from numbers.documents import downloads
from numbers.documents.models import Document
from numbers.documents.upload_handler import most_bytes, receives_documents
from portal.core.actions import act_and_redirect
from portal.core.errors import DomainError, NotFound
from portal.core.forms import add_domain_error, form_status
from portal.core.htmx import htmx_target
from portal.core.pages import part_of, post_only
from portal.core.paging import page_urls
from portal.core.progress import turn
from projects.access import Right, project_view
from projects.actor import from_request
from projects.models import Project

MOST_TURNS = 60  # requests of a page for the result of an inspection; then its reader reloads


@require_safe
@project_view(Right.VIEW)
def documents(request: HttpRequest, project: Project) -> HttpResponse:
    now = timezone.now()
    form = ListingForm(request.GET, project=project)
    filters = form.filters()
    page = document_list.documents_page(project, now.date(), **filters)
    shown = {name: filters[name] for name in ("q", "type", "state")}
    here = reverse("numbers:documents", args=[project.pid])
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "filters": filters,
        "filtered": any(shown.values()),
    } | page_urls(here, shown, cursor="before", current=filters["before"], following=page.next_before, fragment="yours")
    if htmx_target(request) == "documents-list":
        return render(request, "numbers/documents/_list.html", context, status=form_status(form))
    me, newest = request.user.pk, not any(filters.values())
    rows = [row.document for row in page.documents]
    context["checks"] = (
        inspection_progress.checks_among(rows, user_id=me, now=now)
        if newest
        else inspection_progress.checks(project, user_id=me, now=now)
    )
    context["open_orders"] = open_orders.open_orders(project, now)
    return render(request, "numbers/documents/documents.html", context, status=form_status(form))


@receives_documents
@require_http_methods(["GET", "HEAD", "POST"])
@project_view(Right.MANAGE_NUMBERS)
def upload(request: HttpRequest, project: Project) -> HttpResponse:
    now = timezone.now()
    form = _form(request, project, now)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("type", "name", "expires_on", "file")}
        try:
            document = uploads.upload(
                project=project,
                by=from_request(request),
                now=now,
                upload_key=form.key(),
                replaces=form.replaces_,
                only_for=form.only_for,
                **given,
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return _uploaded(request, project, document)
    return _errors(form) if form.errors and _wants_json(request) else _page(request, project, form, now)


def _form(request: HttpRequest, project: Project, now: datetime) -> UploadForm:
    """What the address or the form names and the project does not have (any more) is left out."""
    given = request.POST if request.method == "POST" else request.GET
    order_ref, replaced_ref = _ref(given.get("order")), _ref(given.get("replaces"))
    order = open_orders.undecided_order(project, order_ref) if order_ref else None
    replaces = queries.document(project, replaced_ref) if replaced_ref else None
    known: dict[str, Any] = {"project": project, "today": now.date(), "order": order, "replaces": replaces}
    if request.method == "POST":
        return UploadForm(request.POST, request.FILES, **known)
    kind = replaces.type.code if replaces else given.get("type")
    initial = {"type": kind, "use_for": "all", "name": replaces.name if replaces else ""}
    return UploadForm(initial=initial, **known)


def _ref(text: str | None) -> uuid.UUID | None:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None


def _page(request: HttpRequest, project: Project, form: UploadForm, now: datetime) -> HttpResponse:
    context = {
        "form": form,
        "order": form.order_,
        "replaces": form.replaces_,
        "upload_key": form.key(),
        "types": form.types,
        "max_bytes": most_bytes(),
        "checklist": order_checklist(form.order_, now.date()) if form.order_ else None,
        "checks": inspection_progress.checks(project, user_id=request.user.pk, now=now),
    }
    return render(request, "numbers/documents/upload.html", context, status=form_status(form))


def _wants_json(request: HttpRequest) -> bool:
    """Requested by the page's script; a form that a browser sends by itself does not."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _uploaded(request: HttpRequest, project: Project, document: Document) -> HttpResponse:
    """To the list, which shows its inspection; the page's script requests the result before it goes there."""
    to = reverse("numbers:documents", args=[project.pid]) + f"#document-{document.ref}"
    if not _wants_json(request):
        return redirect(to)
    return JsonResponse({"location": to, "check": reverse("numbers:document_check", args=[project.pid, document.ref])})


def _errors(form: UploadForm) -> HttpResponse:
    return JsonResponse(
        {"errors": {name: list(errors) for name, errors in form.errors.items()}}, status=form_status(form)
    )


# -- what becomes of a file that was sent ----------------------------------------------------------------------


@part_of("numbers:documents", "pid")
@require_GET
@project_view(Right.VIEW)
def checks(request: HttpRequest, project: Project) -> HttpResponse:
    """The lines above a page that a browser requests again while a file is being checked; ``waiting`` are the
    references of those, ``turn`` counts the questions."""
    refs = [_ref(text) for text in request.GET.get("waiting", "")[:1000].split(",")]
    waiting = [ref for ref in refs if ref is not None]
    found = inspection_progress.checks(project, user_id=request.user.pk, now=timezone.now(), watched=waiting)
    pending = {check.document.ref for check in found.pending}
    context = {"checks": found, "turn": turn(request, MOST_TURNS), "ended": not set(waiting) <= pending}
    return render(request, "numbers/documents/_checks.html", context)


@part_of("numbers:documents", "pid")
@require_GET
@project_view(Right.MANAGE_NUMBERS)
def check(request: HttpRequest, project: Project, ref: uuid.UUID) -> HttpResponse:
    """For the script of the upload page: ``state`` (pending, passed, refused, failed) and the remark."""
    document = _document(project, ref)
    return JsonResponse({"state": document.inspection, "message": document.remark})


@part_of("numbers:documents", "pid")
@require_GET
@project_view(Right.MANAGE_NUMBERS)
def download(request: HttpRequest, project: Project, ref: uuid.UUID) -> HttpResponse:
    document = _document(project, ref)
    clear = downloads.download(document=document, by=from_request(request))
    return HttpResponse(
        clear,
        headers={
            "Content-Type": document.content_type,
            "Content-Disposition": content_disposition_header(True, document.original_name) or "attachment",
            "X-Content-Type-Options": "nosniff",
            # Whatever it holds, a browser that shows it all the same runs none of it.
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-store",
        },
    )


@post_only("numbers:documents", "pid")
@project_view(Right.MANAGE_NUMBERS)
def withdraw(request: HttpRequest, project: Project, ref: uuid.UUID) -> HttpResponse:
    document = _document(project, ref)
    return act_and_redirect(
        request,
        lambda: uploads.withdraw(document=document, by=from_request(request), now=timezone.now()),
        done=f"“{document.name}” was withdrawn; its file was deleted.",
        to=reverse("numbers:documents", args=[project.pid]),
    )


def _document(project: Project, ref: uuid.UUID) -> Document:
    found = queries.document(project, ref)
    if found is None:
        raise NotFound("This project has no such document.")
    return found
