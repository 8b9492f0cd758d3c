"""The URL for messages of every number without one of its own: a card of Number Settings."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from numbers.leases import setting_versions
from numbers.messaging import services, testing
from numbers.messaging.forms import MessagingForm
from numbers.messaging.messaging_context import VERSIONS
from numbers.messaging.models import MessageSettingsVersion
from numbers.messaging.queries import default_target
from numbers.routing.settings_context import PAGE
from numbers.routing.settings_views import show
from numbers.routing.version_pages import given, go_back
from portal.core.actions import act_and_redirect
from portal.core.errors import DomainError
from portal.core.flash import BRIEF
from portal.core.pages import post_only
from projects.access import Right, project_view
from projects.models import Project
from projects.request import PortalRequest
from projects.webhooks.targets import TargetSettings, settings_of
from projects.webhooks.testing import limit


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def upload(request: PortalRequest, project: Project) -> HttpResponse:
    form = MessagingForm(request.POST, stored=settings_of(default_target(project.pk)))
    refused_by = None
    if form.is_valid():
        try:
            services.change_project(project=project, change=form.change, **given(request))
        except DomainError as error:
            refused_by = error
        else:
            words = "The URL was saved: messages of all numbers without a URL of their own go there."
            messages.success(request, words, extra_tags=BRIEF)
            return redirect(PAGE, project.pid)
    form.refuse(refused_by)
    return show(request, project, form)


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def delete(request: PortalRequest, project: Project) -> HttpResponse:
    return act_and_redirect(
        request,
        lambda: services.change_project(project=project, change=lambda _: TargetSettings(), **given(request)),
        done="The URL was deleted.",
        to=reverse(PAGE, args=[project.pid]),
    )


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def test(request: PortalRequest, project: Project) -> HttpResponse:
    """Sends a test message, and shows what came of it."""
    limit(request.user.pk)
    try:
        webhook_id = testing.send_default(project=project, now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(PAGE, project.pid)
    return redirect("projects:webhook_delivery", project.pid, webhook_id)


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def restore(request: PortalRequest, project: Project) -> HttpResponse:
    go_back(
        request,
        setting_versions.of_project(MessageSettingsVersion, project.pk),
        lambda version: services.restore_project(project=project, version=version, **given(request)),
    )
    return redirect(f"{reverse(PAGE, args=[project.pid])}#{VERSIONS}")
