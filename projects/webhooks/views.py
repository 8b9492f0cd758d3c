"""Webhooks of a project: the signing secret, how its endpoints do, events, and each delivery."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.core import dialogs
from portal.core.actions import act_and_redirect
from portal.core.errors import DomainError, NotFound
from portal.core.flash import BRIEF
from portal.core.forms import call_service, form_status
from portal.core.htmx import htmx_target, redirect_page
from portal.core.pages import post_only
from portal.core.paging import page_urls
from projects import actor
from projects.access import Right, project_view, require_active
from projects.models import Project
from projects.request import PortalRequest
from projects.views import KeyChange
from projects.webhooks import endpoints, event_types, health, project_events, queries, secrets, testing
from projects.webhooks.forms import EventUrlForm

PAGE = "projects:webhooks"
_LARGEST_ID = 2**63 - 1
read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@project_view()
def webhooks(request: PortalRequest, project: Project) -> HttpResponse:
    return _page(request, project)


def _page(
    request: PortalRequest, project: Project, *, form: EventUrlForm | None = None, revealed: str = ""
) -> HttpResponse:
    event_settings = project_events.settings_for(project)
    form = form or EventUrlForm(initial={"url": event_settings.url})
    signing = secrets.current(project, timezone.now())
    context: dict[str, Any] = {
        "secret": signing[0] if signing else None,
        "former": signing[1] if len(signing) > 1 else None,
        "revealed": revealed,
        "event_url": event_settings.url,
        "form": form,
        "events": queries.recent_events(project),
        "may_manage": Right.MANAGE_KEYS in project.my_rights,
        "may_change": Right.MANAGE_NUMBERS in project.my_rights and project.is_active,
        "log_days": settings.WEBHOOK_LOG_DAYS,
    } | endpoint_page(request, project)
    return render(request, "projects/webhooks/webhooks.html", context, status=form_status(form))


def endpoint_page(request: PortalRequest, project: Project) -> dict[str, Any]:
    """A page of endpoints with their health, for this page and others of the project."""
    before = _before(request.GET.get("endpoints_before", ""))
    rows = health.health(project, before=before)
    following = rows[health.PAGE_SIZE - 1].id if len(rows) > health.PAGE_SIZE else None
    here = reverse(PAGE, args=[project.pid])
    urls = page_urls(here, {}, cursor="endpoints_before", current=before, following=following, fragment="endpoints")
    return {"endpoints": rows[: health.PAGE_SIZE], "endpoint_urls": urls}


def _before(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


@read_and_write
@project_view(Right.MANAGE_KEYS)
@reauthentication_required(allow_get=True)
def reveal(request: PortalRequest, project: Project) -> HttpResponse:
    """The secret is in this one answer and nowhere else: not in the address, the session or a log."""
    if request.method != "POST":
        return redirect(PAGE, project.pid)
    try:
        secret = secrets.reveal(project=project, by=actor.from_request(request), now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(PAGE, project.pid)
    return _page(request, project, revealed=secret)


ROTATE = KeyChange(
    "Rotate the signing secret?",
    "A new signing secret is made. For 24 hours requests carry two signatures, one with each secret, so that you can "
    "move your servers to the new one without losing a message.",
    "Rotate",
    "The new signing secret is in use. Requests are also signed with the former one for 24 hours.",
)
END = KeyChange(
    "End the former signing secret?",
    "Requests carry only the signature with the new secret from now on. A server that still checks with the former one "
    "refuses them.",
    "End the former secret",
    "Only the new signing secret is used now.",
    danger=True,
)


@read_and_write
@project_view(Right.MANAGE_KEYS)
@reauthentication_required(allow_get=True)
def rotate(request: PortalRequest, project: Project) -> HttpResponse:
    """GET asks for confirmation, in a dialog or on a page; POST makes the change."""
    signing = secrets.current(project, timezone.now())
    replaces = _before(request.POST.get("replaces", "")) or (signing[0].pk if signing else 0)
    return _confirmed(
        request,
        project,
        ROTATE,
        lambda given: secrets.rotate(project=project, replaces=replaces, **given),
        replaces=replaces,
    )


@read_and_write
@project_view(Right.MANAGE_KEYS)
@reauthentication_required(allow_get=True)
def end_former(request: PortalRequest, project: Project) -> HttpResponse:
    return _confirmed(request, project, END, lambda given: secrets.end_former(project=project, **given))


def _confirmed(
    request: PortalRequest, project: Project, question: KeyChange, act: Any, **fields: object
) -> HttpResponse:
    templates = ("projects/_confirm.html", "projects/webhooks/confirm.html")
    context = {"change": question, "fields": fields}
    if request.method != "POST":
        return dialogs.show(request, *templates, context)
    try:
        act({"by": actor.from_request(request), "now": timezone.now()})
    except DomainError as error:  # somebody else was faster
        return dialogs.show(request, *templates, context | {"refusal": error}, status=error.page_status)
    messages.success(request, question.done, extra_tags=BRIEF)
    return redirect_page(request, reverse(PAGE, args=[project.pid]))


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def switch_on(request: PortalRequest, project: Project, endpoint: int) -> HttpResponse:
    if endpoint > _LARGEST_ID:
        raise NotFound("This project sends nothing to such a URL.")
    by, now = actor.from_request(request), timezone.now()
    return act_and_redirect(
        request,
        lambda: endpoints.switch_on(project=project, endpoint_id=endpoint, by=by, now=now),
        done="Requests are sent to this URL again.",
        to=reverse(PAGE, args=[project.pid]),
    )


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def event_url(request: PortalRequest, project: Project) -> HttpResponse:
    form = EventUrlForm(request.POST)
    given: dict[str, Any] = {"by": actor.from_request(request), "now": timezone.now()}
    if form.is_valid() and call_service(
        form, lambda: project_events.set_url(project=project, url=form.cleaned_data["url"], **given)
    ):
        words = "Events are sent to this URL." if form.cleaned_data["url"] else "No events are sent any more."
        messages.success(request, words, extra_tags=BRIEF)
        return redirect(PAGE, project.pid)
    return _page(request, project, form=form)


@require_safe
@project_view()
def catalogue(request: PortalRequest, project: Project) -> HttpResponse:
    """Every event with an example of its body."""
    context = {
        "types": [(each, testing.shown_example(each)) for each in event_types.all_types()],
        "event_url": project_events.settings_for(project).url,
        "may_change": Right.MANAGE_NUMBERS in project.my_rights and project.is_active,
    }
    return render(request, "projects/webhooks/catalogue.html", context)


@post_only("projects:webhook_events", "pid")
@project_view(Right.MANAGE_NUMBERS)
def event_test(request: PortalRequest, project: Project) -> HttpResponse:
    """Sends the example of an event, and shows what came of it."""
    require_active(project)
    testing.limit(request.user.pk)
    try:
        webhook_id = testing.send_event(project=project, type_name=request.POST.get("type", ""), now=timezone.now())
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("projects:webhook_events", project.pid)
    return redirect("projects:webhook_delivery", project.pid, webhook_id)


@require_safe
@project_view()
def delivery(request: PortalRequest, project: Project, webhook_id: str) -> HttpResponse:
    """What was sent and what was answered; asks again by itself until it is over."""
    log = queries.find(project, webhook_id)
    part = htmx_target(request) == f"delivery-{webhook_id}"
    template = "projects/webhooks/_delivery.html" if part else "projects/webhooks/delivery.html"
    return render(request, template, {"log": log, "body": testing.shown_body(log.delivery)})
