"""App users of a project: the list, one of them, and what can be done with it."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.core import dialogs
from portal.core.errors import DomainError
from portal.core.flash import BRIEF
from portal.core.forms import add_domain_error, call_service, form_status, sent
from portal.core.htmx import htmx_target, is_htmx, redirect_page
from portal.core.pages import current_page, post_only
from portal.core.paging import page_urls
from projects.access import Right, project_view
from projects.actor import from_request
from projects.app_users import queries, services
from projects.app_users.forms import AddForm, DisplayNameForm, ListingForm
from projects.app_users.models import AppUser
from projects.app_users.rung_by import rung_by
from projects.app_users.sip_domain import sip_domain
from projects.models import Project
from projects.request import PortalRequest

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@project_view(Right.VIEW)
def app_users(request: PortalRequest, project: Project) -> HttpResponse:
    form = ListingForm(request.GET)
    filters = form.filters()
    after = form.cleaned_data.get("after") or ""
    page = queries.page(project, after=after, **filters)
    here = reverse("projects:app_users", args=[project.pid])
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "filtered": any(filters.values()),
        "may_change": _may_change(project),
    } | page_urls(here, filters, cursor="after", current=after, following=page.next_after)
    if htmx_target(request) == "app-users-list":
        return render(request, "projects/app_users/_list.html", context, status=form_status(form))
    context |= {"count": queries.count(project), "most": settings.APP_USERS_PER_PROJECT}
    return render(request, "projects/app_users/list.html", context, status=form_status(form))


def _may_change(project: Project) -> bool:
    return Right.MANAGE_NUMBERS in project.my_rights and project.is_active


@read_and_write
@project_view(Right.MANAGE_NUMBERS)
def add(request: PortalRequest, project: Project) -> HttpResponse:
    """The password is in the answer to the form and nowhere else: not in an address, the session or a log."""
    form = AddForm(sent(request))
    if request.method == "POST" and form.is_valid():
        given: dict[str, Any] = {"creation_key": None} | form.cleaned_data
        try:
            added = services.add(project=project, by=from_request(request), now=timezone.now(), **given)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return render(request, "projects/app_users/added.html", _credentials(added))
    context = {"form": form, "creation_key": form.data.get("creation_key") or uuid4()}
    return render(request, "projects/app_users/add.html", context, status=form_status(form))


def _credentials(new: services.NewPassword) -> dict[str, Any]:
    return {
        "app_user": new.app_user,
        "password": new.password,
        "sip_domain": sip_domain(new.app_user.project.pid),
    }


@read_and_write
@project_view(write=Right.MANAGE_NUMBERS)
def detail(request: PortalRequest, project: Project, app_user: int) -> HttpResponse:
    found = queries.find(project, app_user)
    form = DisplayNameForm(sent(request), initial={"display_name": found.display_name})
    if request.method == "POST" and form.is_valid():
        name, by = form.cleaned_data["display_name"], from_request(request)
        if call_service(form, lambda: services.edit(app_user=found, display_name=name, by=by)):
            messages.success(request, "The display name was saved.", extra_tags=BRIEF)
            return redirect("projects:app_user", project.pid, found.pk)
    history = list(queries.history(found))
    context = {
        "app_user": found,
        "form": form,
        "sip_domain": sip_domain(project.pid),
        "may_change": _may_change(project),
        "history": history,
        "rung_by": rung_by(found),
        # An import is one entry of the project's activity, not one for each app user.
        "imported": not history or (history[-1].action != "app_user.added" and len(history) < queries.HISTORY_SHOWN),
    }
    return render(request, "projects/app_users/detail.html", context, status=form_status(form))


@read_and_write
@project_view(Right.MANAGE_NUMBERS)
def deactivate(request: PortalRequest, project: Project, app_user: int) -> HttpResponse:
    """GET asks for confirmation, in a dialog or on a page; POST makes the change."""
    found = queries.find(project, app_user)
    context: dict[str, Any] = {"app_user": found, "rung_by": rung_by(found, 0)}
    if request.method == "POST":
        try:
            services.deactivate(app_user=found, by=from_request(request), now=timezone.now())
        except DomainError as error:
            context["refusal"] = error
        else:
            messages.success(request, f"{found} was deactivated.", extra_tags=BRIEF)
            return _back(request, found)
    return _ask(request, "deactivate", context)


@post_only("projects:app_user", "pid", "app_user")
@project_view(Right.MANAGE_NUMBERS)
def activate(request: PortalRequest, project: Project, app_user: int) -> HttpResponse:
    found = queries.find(project, app_user)
    try:
        services.activate(app_user=found, by=from_request(request))
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"{found} is active again.", extra_tags=BRIEF)
    return _back(request, found)


@read_and_write
@project_view(Right.MANAGE_NUMBERS)
def reset_password(request: PortalRequest, project: Project, app_user: int) -> HttpResponse:
    """GET asks for confirmation; the answer to POST shows the password, this one time."""
    found = queries.find(project, app_user)
    context: dict[str, Any] = {"app_user": found}
    if request.method == "POST":
        try:
            new = services.reset_password(app_user=found, by=from_request(request), now=timezone.now())
        except DomainError as error:
            context["refusal"] = error
        else:
            pages = ("projects/app_users/_new_password.html", "projects/app_users/new_password.html")
            return dialogs.show(request, *pages, _credentials(new))
    return _ask(request, "reset", context)


def _ask(request: PortalRequest, what: str, context: dict[str, Any]) -> HttpResponse:
    refusal: DomainError | None = context.get("refusal")
    pages = (f"projects/app_users/_{what}.html", f"projects/app_users/{what}.html")
    return dialogs.show(request, *pages, context, status=refusal.page_status if refusal else 200)


def _back(request: PortalRequest, app_user: AppUser) -> HttpResponse:
    """To the list or page over which the dialog stood; without one, to the page of the app user."""
    to = current_page(request) if is_htmx(request) else ""
    return redirect_page(request, to or reverse("projects:app_user", args=[app_user.project.pid, app_user.pk]))
