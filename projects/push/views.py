"""A project's push credentials: what is set, uploading and replacing it, removing it."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.core import dialogs
from portal.core.errors import DomainError, NotFound
from portal.core.flash import BRIEF
from portal.core.forms import add_domain_error, form_status, sent
from portal.core.htmx import redirect_page
from projects import actor
from projects.access import Right, project_view, require_active
from projects.models import Platform, Project
from projects.push import queries, services
from projects.push.forms import FORMS, AndroidForm, IosForm
from projects.request import PortalRequest
from projects.views import KeyChange

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@project_view()
def show(request: PortalRequest, project: Project, platform: str) -> HttpResponse:
    found, now = _platform(platform), timezone.now()
    credential = queries.credential(project, found)
    context = {
        "platform": found,
        "credential": credential,
        "validity": credential.validity(now) if credential else "",
        "history": queries.history(project, found),
        "may_manage": Right.MANAGE_KEYS in project.my_rights,
    }
    return render(request, "projects/push/show.html", context)


@read_and_write
@project_view(Right.MANAGE_KEYS)
def upload(request: PortalRequest, project: Project, platform: str) -> HttpResponse:
    """Also replaces what is there, for which a fresh authentication is needed."""
    require_active(project)
    found = _platform(platform)
    replaced = queries.credential(project, found)
    if replaced is not None and is_reauthentication_required(request, app=""):
        return _authenticate_first(request, project, found)
    initial = {name: request.GET.get(name, "")[:200] for name in FORMS[found].kept}
    form = FORMS[found](sent(request), request.FILES if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid() and _stored(request, project, form):
        messages.success(request, f"The {found.label} was {'replaced' if replaced else 'uploaded'}.", extra_tags=BRIEF)
        return redirect("projects:push", project.pid, found)
    context = {"platform": found, "form": form, "replaced": replaced}
    return render(request, f"projects/push/upload_{found}.html", context, status=form_status(form))


def _stored(request: PortalRequest, project: Project, form: IosForm | AndroidForm) -> bool:
    """A refusal of the file stands beside the field that it came from."""
    given: dict[str, Any] = {
        "project": project,
        "by": actor.from_request(request),
        "now": timezone.now(),
    } | form.given()
    try:
        if isinstance(form, IosForm):
            services.upload_for_ios(**given)
        else:
            services.upload_for_android(**given)
    except DomainError as error:
        if isinstance(form, AndroidForm) and form.is_pasted and error.field == "file":
            error.field = "secret_text"
        add_domain_error(form, error)
        return False
    return True


def _authenticate_first(request: PortalRequest, project: Project, platform: Platform) -> HttpResponse:
    """A form that was sent is not kept for afterwards, as allauth would: it holds a file and perhaps a password."""
    if request.method != "POST":
        raise ReauthenticationRequired
    kept = {name: request.POST.get(name, "")[:200] for name in FORMS[platform].kept}
    messages.warning(request, "Nothing was changed yet. Confirm that it is you, then choose the file again.")
    return redirect(
        reverse("projects:push_upload", args=[project.pid, platform]) + (f"?{urlencode(kept)}" if kept else "")
    )


@read_and_write
@project_view(Right.MANAGE_KEYS)
@reauthentication_required(allow_get=True)
def remove(request: PortalRequest, project: Project, platform: str) -> HttpResponse:
    """GET asks for confirmation, in a dialog or on a page; POST removes it."""
    found = _platform(platform)
    templates, context = ("projects/_confirm.html", "projects/push/remove.html"), {"platform": found}
    question = KeyChange(f"Remove the {found.label}?", CONSEQUENCES[found], "Remove", "", danger=True)
    if request.method != "POST":
        return dialogs.show(request, *templates, context | {"change": question})
    try:
        services.remove(project=project, platform=found, by=actor.from_request(request))
    except DomainError as error:  # somebody else was faster
        refused = context | {"change": question, "refusal": error}
        return dialogs.show(request, *templates, refused, status=error.page_status)
    messages.success(request, f"The {found.label} was removed.", extra_tags=BRIEF)
    return redirect_page(request, reverse("projects:push", args=[project.pid, found]))


CONSEQUENCES = {
    Platform.IOS: "It is erased here at once; nothing changes in your Apple developer account. Calls then ring on "
    "iPhones only while your app is open.",
    Platform.ANDROID: "It is erased here at once; nothing changes in your Firebase project. Calls then ring on Android "
    "phones only while your app is open.",
}


def _platform(text: str) -> Platform:
    try:
        return Platform(text)
    except ValueError:
        raise NotFound("There is no such platform.") from None
