"""The page of one number."""

from django.contrib.postgres.expressions import ArraySubquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.calls.queries import recent as recent_calls
from numbers.console.number.forms import NameForm, SimulatorForm, TagsForm
from numbers.console.number.simulator_views import simulate_call_url
from numbers.leases import queries, releasing, services
from numbers.leases.models import Lease
from numbers.messaging import queries as messaging
from numbers.messaging.messaging_context import VERSIONS, VERSIONS_TITLE, messaging_context
from numbers.routing import versions
from numbers.routing.queries import find
from numbers.routing.routing_context import routing_context
from numbers.routing.version_pages import PAGE_SIZE, begins_before, page_of, version_list
from portal.core.actions import act_and_redirect
from portal.core.forms import form_status
from portal.core.pages import post_only
from projects.access import Right, project_view
from projects.actor import from_request
from projects.models import Project


@require_safe
@project_view(Right.VIEW)
def detail(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    return _detail(request, project, _find(project, lease, begins_before(request.GET, VERSIONS)))


def _find(project: Project, lease: int, before: int | None = None) -> Lease:
    """``before``: where the list of its message settings' versions begins."""
    tags = ArraySubquery(queries.used_tags(project))
    rows = messaging.versions_of(before=before, most=PAGE_SIZE + 1)
    return find(project, lease, project_tags=tags, message_versions=rows, **messaging.whole())


def _detail(
    request: HttpRequest,
    project: Project,
    lease: Lease,
    *,
    name: NameForm | None = None,
    tags: TagsForm | None = None,
) -> HttpResponse:
    """With a form that was refused, or with what is stored."""
    name = name or NameForm(initial={"friendly_name": lease.friendly_name})
    tags = tags or TagsForm(initial={"tags": ", ".join(lease.tags)})
    now, here = timezone.now(), reverse("numbers:lease", args=[project.pid, lease.pk])
    rows, before = messaging.read_versions(lease.message_versions), begins_before(request.GET, VERSIONS)
    context = (
        routing_context(lease)
        | messaging_context(lease)
        | {
            "name_form": name,
            "tags_form": tags,
            "simulator_form": SimulatorForm(),
            "simulate_call_url": simulate_call_url(lease),
            "known_tags": [tag for tag in lease.project_tags if tag not in lease.tags],
            "charges": queries.charges(lease),
            "history": queries.history(lease),
            "versions": version_list(versions.of_lease(lease), here, request.GET),
            "message_versions": page_of(rows, here, before, name=VERSIONS, title=VERSIONS_TITLE),
            "calls": recent_calls(lease, now=now),
            "terms": releasing.release_terms(lease, at_period_end=lease.release_on is not None, now=now),
            "can_undo": releasing.can_undo(lease, now=now) and project.is_active,
            "may_change": Right.MANAGE_NUMBERS in project.my_rights and lease.ended_at is None,
        }
    )
    return render(request, "numbers/number/detail.html", context, status=form_status(name, tags))


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def rename(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    found, form = _find(project, lease), NameForm(request.POST)
    if not form.is_valid():
        return _detail(request, project, found, name=form)
    name = form.cleaned_data["friendly_name"]
    return act_and_redirect(
        request,
        lambda: services.rename_lease(lease=found, name=name, by=from_request(request), now=timezone.now()),
        done=f"Saved as “{name}”." if name else "The friendly name was removed.",
        to=reverse("numbers:lease", args=[project.pid, found.pk]),
    )


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def retag(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    found, form = _find(project, lease), TagsForm(request.POST)
    if not form.is_valid():
        return _detail(request, project, found, tags=form)
    tags = form.cleaned_data["tags"]
    return act_and_redirect(
        request,
        lambda: services.set_tags(lease=found, tags=tags, by=from_request(request), now=timezone.now()),
        done="The tags were saved." if tags else "The number has no tags now.",
        to=reverse("numbers:lease", args=[project.pid, found.pk]),
    )
