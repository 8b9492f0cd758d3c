"""Setting where messages to a number go, on its page, in Purchased Numbers and in SMS › Settings."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.leases import setting_versions
from numbers.leases.models import Lease
from numbers.leases.queries import history
from numbers.messaging import services, testing
from numbers.messaging.forms import MessagingForm
from numbers.messaging.messaging_context import VERSIONS, VERSIONS_TITLE, messaging_context
from numbers.messaging.models import MessageSettingsVersion
from numbers.messaging.queries import find, own_settings
from numbers.routing.version_pages import given, go_back, version_list
from portal.core.errors import INVALID, DomainError
from portal.core.flash import BRIEF
from portal.core.htmx import is_htmx
from portal.core.pages import current_page, match_of, part_of, post_only
from projects.access import Right, project_view
from projects.models import Project
from projects.request import PortalRequest
from projects.webhooks import queries as deliveries
from projects.webhooks.targets import TargetSettings
from projects.webhooks.testing import limit, shown_body

SMS_SETTINGS = "numbers:sms_settings"
LISTS = ("numbers:purchased", SMS_SETTINGS)


@part_of("numbers:lease", "pid", "lease")
@require_safe
@project_view(Right.VIEW)
def row(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    """The panel as a row below that of its number; opened by its address alone it is the page of the number."""
    found = find(project, lease)
    if not is_htmx(request):
        return redirect("numbers:lease", project.pid, lease)
    return render(request, "numbers/messaging/_row.html", messaging_context(found) | {"shown_in": _list(request)})


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def update(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found = find(project, lease)
    form = MessagingForm(request.POST, lease=found, stored=own_settings(found))
    refused_by = None
    if form.is_valid():
        try:
            services.change_number(lease=found, change=form.change, **given(request))
            return _done(request, project, lease)
        except DomainError as error:
            refused_by = error
    form.refuse(refused_by)
    return _show(request, find(project, lease), form, status=INVALID)


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def remove(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    """From then on the project's default holds."""
    services.change_number(lease=find(project, lease), change=lambda _: TargetSettings(), **given(request))
    return _done(request, project, lease)


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def test(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    """Sends a test message, and shows what came of it."""
    found = find(project, lease)
    limit(request.user.pk)
    webhook_id = testing.send(lease=found, now=timezone.now())
    if not is_htmx(request):
        return redirect("projects:webhook_delivery", project.pid, webhook_id)
    log = deliveries.find(project, webhook_id)
    return _show(request, found, log=log, body=shown_body(log.delivery))


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def restore(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found = find(project, lease)
    go_back(
        request,
        setting_versions.of_lease(MessageSettingsVersion, found.pk),
        lambda version: services.restore_number(lease=found, version=version, **given(request)),
    )
    return redirect(f"{reverse('numbers:lease', args=[project.pid, found.pk])}#{VERSIONS}")


def _done(request: PortalRequest, project: Project, pk: int) -> HttpResponse:
    """The page again, or with htmx the panel, with the words where messages go now."""
    lease = find(project, pk)
    now = messaging_context(lease)["messaging"].now
    if is_htmx(request):
        return _show(request, lease, notice=now)
    messages.success(request, now, extra_tags=BRIEF)
    return redirect("numbers:lease", project.pid, pk)


def _show(
    request: PortalRequest, lease: Lease, form: MessagingForm | None = None, *, status: int = 200, **also: Any
) -> HttpResponse:
    fragment = is_htmx(request)
    shown_in = _list(request) if fragment else ""
    context = messaging_context(lease, form) | {"shown_in": shown_in, "whole": shown_in == SMS_SETTINGS} | also
    if also.get("notice") and not shown_in:
        here = reverse("numbers:lease", args=[lease.project.pid, lease.pk])
        rows = setting_versions.of_lease(MessageSettingsVersion, lease.pk)
        context["message_versions"] = version_list(rows, here, name=VERSIONS, title=VERSIONS_TITLE)
        context["history"] = history(lease)
    template = "numbers/messaging/_swap.html" if fragment else "numbers/messaging/edit.html"
    return render(request, template, context, status=status)


def _list(request: PortalRequest) -> str:
    """The list that the panel stands in; "" on the page of the number."""
    match = match_of(current_page(request))
    return match.view_name if match and match.view_name in LISTS else ""
