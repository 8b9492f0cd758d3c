"""SMS › Logs: the list, its download, one message with its attempts, and delivering again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.messaging import log_export, redelivery
from numbers.messaging import log_queries as queries
from numbers.messaging.log_forms import LogForm, RedeliveryForm
from numbers.messaging.models import Message
from portal.core.actions import act_and_redirect
from portal.core.forms import call_service, form_status
from portal.core.htmx import htmx_target
from portal.core.monthly_list import read_cursor
from portal.core.pages import part_of, post_only
from portal.core.paging import page_urls
from portal.core.spreadsheet import download
from projects.access import Right, project_view
from projects.actor import from_request
from projects.models import Project
from projects.request import PortalRequest
from projects.webhooks import health
from projects.webhooks import queries as deliveries

PAGE = "numbers:sms_logs"
ENDPOINTS_SHOWN = 5


@require_safe
@project_view(Right.VIEW)
def logs(request: PortalRequest, project: Project) -> HttpResponse:
    return _logs(request, project)


def _logs(request: PortalRequest, project: Project, again: RedeliveryForm | None = None) -> HttpResponse:
    form = LogForm(request.GET)
    before = read_cursor(request.GET.get("before", ""))
    page: queries.MessagePage = queries.MessagePage()
    if form.is_valid():
        page = queries.page(project, form.filter(timezone.now()), before=before)
    here, filters = reverse(PAGE, args=[project.pid]), form.address()
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "filtered": bool(filters),
        "query": form.query(),
        "may_change": Right.MANAGE_NUMBERS in project.my_rights and project.is_active,
    } | page_urls(here, filters, cursor="before", current=before, following=page.following)
    if htmx_target(request) == "messages-list":
        return render(request, "numbers/messaging/_list.html", context, status=form_status(form))
    context |= {"again": again or RedeliveryForm(), "endpoints": health.health(project)[:ENDPOINTS_SHOWN]}
    return render(request, "numbers/messaging/logs.html", context, status=form_status(context["again"], form))


@part_of(PAGE, "pid")
@require_safe
@project_view(Right.VIEW)
def logs_csv(request: HttpRequest, project: Project) -> HttpResponse | StreamingHttpResponse:
    """What the filters of the address leave, all pages of it."""
    form = LogForm(request.GET)
    if not form.is_valid():
        return redirect(reverse(PAGE, args=[project.pid], query=form.address()))
    return download(request, log_export.rows(project, form.filter(timezone.now())), f"messages-{project.pid}.csv")


@require_safe
@project_view(Right.VIEW)
def message(request: PortalRequest, project: Project, message_id: UUID) -> HttpResponse:
    """While it waits the page asks again by itself, so that an answer is seen when it comes."""
    found = queries.find(project, message_id)
    context = {
        "message": found,
        "log": deliveries.log_of(project, str(found.message_id)),
        "may_redeliver": Right.MANAGE_NUMBERS in project.my_rights
        and project.is_active
        and found.text is not None
        and found.status not in (Message.Status.WAITING, Message.Status.HELD),
    }
    part = htmx_target(request) == "message-log"
    return render(request, f"numbers/messaging/{'_message' if part else 'message'}.html", context)


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def redeliver(request: PortalRequest, project: Project, message_id: UUID) -> HttpResponse:
    found = queries.find(project, message_id)
    by, now = from_request(request), timezone.now()
    return act_and_redirect(
        request,
        lambda: redelivery.redeliver(message=found, by=by, now=now),
        done="The message is being delivered again.",
        to=reverse("numbers:message", args=[project.pid, found.message_id]),
    )


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def redeliver_all(request: PortalRequest, project: Project) -> HttpResponse:
    form, now = RedeliveryForm(request.POST), timezone.now()
    if form.is_valid() and call_service(
        form,
        lambda: redelivery.redeliver_all(
            project=project,
            which=form.cleaned_data["which"],
            span=form.chosen(now),
            by=from_request(request),
            now=now,
        ),
    ):
        messages.success(request, "The messages are being delivered again, the oldest first.")
        return redirect(PAGE, project.pid)
    return _logs(request, project, form)
