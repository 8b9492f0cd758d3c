"""Showing the routing panel again after each change, on the page of a number and in Purchased Numbers."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from numbers.leases.models import Lease
from numbers.leases.queries import history
from numbers.routing import call_price, versions
from numbers.routing.call_price import PriceQuote
from numbers.routing.destination import destination
from numbers.routing.forms import PanelForm
from numbers.routing.queries import find, limits_of
from numbers.routing.route_settings import of_route
from numbers.routing.routing_context import routing_context
from numbers.routing.summary import add_summaries
from numbers.routing.targets import describe
from numbers.routing.version_pages import version_list
from portal.core.errors import INVALID, DomainError
from portal.core.flash import BRIEF
from portal.core.htmx import is_htmx
from portal.core.pages import current_page, match_of
from projects.models import Project
from projects.request import PortalRequest

Data = dict[str, Any]
Save = Callable[[Lease, Data], object]


def submit(
    request: PortalRequest, lease: Lease, form: PanelForm, save: Save, words: Callable[[Data], str] | None = None
) -> HttpResponse:
    """Calls ``save`` with what was entered; a rule that it refuses stands beside its field, all else as it is now.

    ``words`` say what was done; without them it is where calls go now.
    """
    if form.is_valid():
        try:
            save(lease, form.cleaned_data)
        except DomainError as error:
            form.add_domain_error(error)
        else:
            return done(request, lease, words(form.cleaned_data) if words else "", option=form.option)
    return show(request, find(lease.project, lease.pk), form, status=INVALID)


def done(request: PortalRequest, lease: Lease, words: str = "", *, option: str = "") -> HttpResponse:
    """The page again, or with htmx the panel; with ``words``, or where calls go now."""
    lease = find(lease.project, lease.pk)
    if is_htmx(request):
        return show(request, lease, option=option, notice=words or _calls_now(lease))
    messages.success(request, words or _calls_now(lease), extra_tags=BRIEF)
    return redirect("numbers:lease", lease.project.pid, lease.pk)


def _calls_now(lease: Lease) -> str:
    set_ = of_route(getattr(lease, "call_route", None))
    names = {user.pk: user.username for user in lease.route_users}
    return destination(lease, set_, names, timezone.now()).now


def show(
    request: PortalRequest,
    lease: Lease,
    form: PanelForm | None = None,
    *,
    option: str = "",
    notice: str = "",
    quote: PriceQuote | None = None,
    status: int = 200,
) -> HttpResponse:
    fragment = is_htmx(request)
    context = routing_context(lease, form, option=option, quote=quote) | {"notice": notice}
    context["in_list"] = fragment and _is_in_list(request)
    if notice and context["in_list"]:
        add_summaries(lease.project_id, [lease])  # the row above says where calls go
    elif notice:
        here = reverse("numbers:lease", args=[lease.project.pid, lease.pk])
        context |= {
            "history": history(lease),
            "versions": version_list(versions.of_lease(lease), here),
        }  # with what was done
    template = "numbers/routing/_swap.html" if fragment else "numbers/routing/edit.html"
    return render(request, template, context, status=status)


def _is_in_list(request: PortalRequest) -> bool:
    match = match_of(current_page(request))
    return match is not None and match.view_name == "numbers:purchased"


def price_of(target: str, project: Project) -> PriceQuote:
    """``target`` is a number that :func:`numbers.routing.targets.parse_target` gave."""
    return call_price.quote(describe(target), limits_of(project.pk), timezone.now())
