"""Number Settings: what holds for the calls of all numbers of a project."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.routing import project_services as services
from numbers.routing import versions
from numbers.routing.block_list import spell_entry
from numbers.routing.queries import project_settings
from numbers.routing.settings_context import PAGE, settings_context
from numbers.routing.settings_forms import ForwardingForm, ProjectBlockForm, SpendCapForm, TrunkForm
from numbers.routing.version_pages import given, go_back
from portal.core.actions import act_and_redirect
from portal.core.flash import BRIEF
from portal.core.forms import call_service, form_status
from portal.core.pages import post_only
from projects.access import Right, project_view
from projects.models import Project
from projects.request import PortalRequest

Data = dict[str, Any]


@require_safe
@project_view(Right.VIEW)
def number_settings(request: PortalRequest, project: Project) -> HttpResponse:
    return show(request, project)


def show(request: PortalRequest, project: Project, form: forms.Form | None = None) -> HttpResponse:
    """The page, with a form of it or of a section that was refused."""
    context = settings_context(project, timezone.now(), form, request.GET)
    return render(request, "numbers/routing/number_settings.html", context, status=form_status(*context["forms"]))


def _submit(
    request: PortalRequest, project: Project, form: forms.Form, save: Callable[[Data], object], words: str
) -> HttpResponse:
    """The page again, with ``words`` or with what was refused beside its field."""
    if form.is_valid() and call_service(form, lambda: save(form.cleaned_data)):
        messages.success(request, words, extra_tags=BRIEF)
        return redirect(PAGE, project.pid)
    return show(request, project, form)


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def set_trunk(request: PortalRequest, project: Project) -> HttpResponse:
    return _submit(
        request,
        project,
        TrunkForm(request.POST),
        lambda data: services.set_trunk(project=project, server=data["server"], **given(request)),
        "The SIP trunk was saved: it takes the calls of all numbers without a setting of their own.",
    )


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def delete_trunk(request: PortalRequest, project: Project) -> HttpResponse:
    return act_and_redirect(
        request,
        lambda: services.set_trunk(project=project, server=None, **given(request)),
        done="The SIP trunk was deleted.",
        to=reverse(PAGE, args=[project.pid]),
    )


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def block(request: PortalRequest, project: Project) -> HttpResponse:
    return _submit(
        request,
        project,
        ProjectBlockForm(request.POST),
        lambda data: services.block_caller(project=project, entry=data["caller"], **given(request)),
        "The caller is blocked for all numbers.",
    )


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def unblock(request: PortalRequest, project: Project) -> HttpResponse:
    entry = request.POST.get("entry", "")
    was_blocked = entry in project_settings(project.pk).blocked
    return act_and_redirect(
        request,
        lambda: services.unblock_caller(project=project, entry=entry, **given(request)),
        done=f"No longer blocked: {spell_entry(entry)}." if was_blocked else "This caller was not blocked any more.",
        to=reverse(PAGE, args=[project.pid]),
    )


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def set_forwarding(request: PortalRequest, project: Project) -> HttpResponse:
    def save(data: Data) -> None:
        values = {"countries": data["allowed"], "dearest_price": data["dearest_price"], "channels": data["channels"]}
        services.change_settings(project=project, change=lambda set_: replace(set_, **values), **given(request))

    return _submit(request, project, ForwardingForm(request.POST), save, "Where calls may be forwarded was saved.")


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def set_spend_cap(request: PortalRequest, project: Project) -> HttpResponse:
    def save(data: Data) -> None:
        cap = data["spend_cap"]
        services.change_settings(project=project, change=lambda set_: replace(set_, spend_cap=cap), **given(request))

    return _submit(request, project, SpendCapForm(request.POST), save, "The spending cap was saved.")


@post_only(PAGE, "pid")
@project_view(Right.MANAGE_NUMBERS)
def restore(request: PortalRequest, project: Project) -> HttpResponse:
    go_back(
        request,
        versions.of_project(project.pk),
        lambda version: services.restore(project=project, version=version, **given(request)),
    )
    return redirect(f"{reverse(PAGE, args=[project.pid])}#versions")
