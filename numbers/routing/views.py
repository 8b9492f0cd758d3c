"""Setting where calls to a number go."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from numbers.routing import services, versions
from numbers.routing.block_list import spell_entry
from numbers.routing.destination import second_step_in_words
from numbers.routing.forms import BlockForm, CallerIdForm, NoAnswerForm, PstnForm, SipForm, UserForm
from numbers.routing.models import CallerId, RouteKind
from numbers.routing.panel_views import done, price_of, show, submit
from numbers.routing.queries import find
from numbers.routing.route_settings import of_route
from numbers.routing.version_pages import given, go_back
from portal.core.forms import form_status
from portal.core.htmx import is_htmx
from portal.core.pages import post_only
from projects.access import Right, project_view
from projects.models import Project
from projects.request import PortalRequest


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def add_user(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found = find(project, lease)
    return submit(
        request,
        found,
        UserForm(request.POST, lease=found),
        lambda to, data: services.add_user(lease=to, username=data["username"], **given(request)),
    )


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def remove_user(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    """A user who is not in the list any more is removed already: another tab may have been faster."""
    found, user = find(project, lease), request.POST.get("user", "")
    if user.isascii() and user.isdecimal() and len(user) < 20:
        services.remove_user(lease=found, user_id=int(user), **given(request))
    return done(request, found, option=RouteKind.USERS)


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def set_pstn_number(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found = find(project, lease)
    return submit(
        request,
        found,
        PstnForm(request.POST, lease=found),
        lambda to, data: services.set_pstn(lease=to, target=data["target"], **given(request)),
    )


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def price(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    """What calls to the number that is being typed cost; nothing is set. htmx gets the line below the field."""
    found = find(project, lease)
    form = PstnForm(request.POST, lease=found)
    quote = price_of(form.cleaned_data["target"], project) if form.is_valid() else None
    if is_htmx(request):
        return render(request, "numbers/routing/_price.html", {"quote": quote})
    return show(request, found, form, quote=quote, status=form_status(form))


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def set_caller_id(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found = find(project, lease)
    return submit(
        request,
        found,
        CallerIdForm(request.POST, lease=found),
        lambda to, data: services.set_caller_id(lease=to, caller_id=data["caller_id"], **given(request)),
        lambda data: f"The called phone now shows: {CallerId(data['caller_id']).label.lower()}.",
    )


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def set_sip_server(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found = find(project, lease)
    return submit(
        request,
        found,
        SipForm(request.POST, lease=found),
        lambda to, data: services.set_sip(lease=to, server=data["server"], **given(request)),
    )


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def use(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    """Puts in use what is kept for an option."""
    found, kind = find(project, lease), _kind(request)
    if kind:
        services.use(lease=found, kind=kind, **given(request))
    return done(request, found, option=kind)


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def delete(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    """What is set for the ``kind`` of the button; without one, what is in use."""
    found, kind = find(project, lease), _kind(request)
    if kind:
        services.clear(lease=found, kind=kind, **given(request))
    else:
        services.clear_route(lease=found, **given(request))
    return done(request, found, option=kind)


def _kind(request: PortalRequest) -> str:
    kind = request.POST.get("kind", "")
    return kind if kind in RouteKind.values else ""


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def set_no_answer(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found = find(project, lease)
    return submit(
        request,
        found,
        NoAnswerForm(request.POST, lease=found),
        lambda to, data: services.set_no_answer(
            lease=to, seconds=data["ring_seconds"], step=data["second_step"], **given(request)
        ),
        lambda data: (
            f"If nobody answers within {data['ring_seconds']} seconds: {second_step_in_words(data['second_step'])}."
        ),
    )


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def block(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found = find(project, lease)
    return submit(
        request,
        found,
        BlockForm(request.POST, lease=found),
        lambda to, data: services.block_caller(lease=to, entry=data["caller"], **given(request)),
        lambda data: f"Blocked: {spell_entry(data['caller'])}.",
    )


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def unblock(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found, entry = find(project, lease), request.POST.get("entry", "")
    was_blocked = entry in of_route(getattr(found, "call_route", None)).blocked
    services.unblock_caller(lease=found, entry=entry, **given(request))
    words = f"No longer blocked: {spell_entry(entry)}." if was_blocked else "This caller was not blocked any more."
    return done(request, found, words)


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def restore(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found = find(project, lease)
    go_back(
        request,
        versions.of_lease(found),
        lambda version: services.restore(lease=found, version=version, **given(request)),
    )
    return redirect(f"{reverse('numbers:lease', args=[project.pid, found.pk])}#versions")
