"""Setting where calls go, from the page of a number."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from numbers.leases.models import Lease
from numbers.leases.queries import find, history
from numbers.routing.forms import PstnForm
from numbers.routing.routing_context import routing_context
from numbers.routing.services import clear_route, set_pstn
from numbers.routing.targets import describe
from portal.core.errors import DomainError
from portal.core.flash import BRIEF
from portal.core.htmx import is_htmx
from portal.core.pages import post_only
from projects.access import Right, project_view
from projects.actor import from_request
from projects.models import Project
from projects.request import PortalRequest


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def set_pstn_number(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found, form = find(project, lease), PstnForm(request.POST)
    if form.is_valid():
        try:
            route = set_pstn(
                lease=found, target=form.cleaned_data["target"], by=from_request(request), now=timezone.now()
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            return _done(request, found, f"Calls now go to {describe(route.pstn_target).international}.")
    return _show(request, found, form, status=422)


@post_only("numbers:lease", "pid", "lease")
@project_view(Right.MANAGE_NUMBERS)
def delete(request: PortalRequest, project: Project, lease: int) -> HttpResponse:
    found = find(project, lease)
    clear_route(lease=found, by=from_request(request), now=timezone.now())
    return _done(request, found, "Forwarding was removed. Calls to this number are no longer connected.")


def _done(request: PortalRequest, lease: Lease, message: str) -> HttpResponse:
    """The page again, or with htmx the panel and a notification."""
    if is_htmx(request):
        return _show(request, find(lease.project, lease.pk), notice=message)
    messages.success(request, message, extra_tags=BRIEF)
    return redirect("numbers:lease", lease.project.pid, lease.pk)


def _show(
    request: PortalRequest, lease: Lease, form: PstnForm | None = None, *, notice: str = "", status: int = 200
) -> HttpResponse:
    fragment = is_htmx(request)
    template = "numbers/routing/_swap.html" if fragment else "numbers/routing/edit.html"
    context = routing_context(lease, form) | {"notice": notice}
    if notice:
        context["history"] = history(lease)  # what has just been done is in it
    return render(request, template, context, status=status)
