"""Pages of a project that know nothing of money and numbers: create it, its keys, its settings."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts.models import User
from portal.core import dialogs
from portal.core.actions import act_and_redirect
from portal.core.errors import DomainError
from portal.core.flash import BRIEF
from portal.core.forms import call_service, form_status, sent
from portal.core.htmx import redirect_page
from portal.core.pages import post_only
from projects import actor, services, tokens
from projects.access import Right, project_view
from projects.forms import ArchiveForm, NameForm
from projects.models import AuthToken, Project, Role
from projects.request import PortalRequest

read_and_write = require_http_methods(["GET", "HEAD", "POST"])


@read_and_write
def create(request: PortalRequest) -> HttpResponse:
    form = NameForm(sent(request))
    if request.method == "POST" and form.is_valid():
        project = services.create_project(
            name=form.cleaned_data["name"],
            owner=request.user,
            by=actor.from_request(request),
            creation_key=_key(request),
        )
        messages.success(request, f"Project “{project.name}” was created.", extra_tags=BRIEF)
        return redirect("dashboard", project.pid)
    context = {"form": form, "creation_key": _key(request)}
    return render(request, "projects/create.html", context, status=form_status(form))


def _key(request: PortalRequest) -> UUID:
    """What the page sent along, so that a double click creates once; anything else counts as a new form."""
    try:
        return UUID(request.POST.get("creation_key", ""))
    except ValueError:
        return uuid4()


@require_safe
@project_view()
def keys(request: PortalRequest, project: Project) -> HttpResponse:
    return _keys_page(request, project)


def _keys_page(request: PortalRequest, project: Project, revealed: dict[str, str] | None = None) -> HttpResponse:
    live = tokens.live(project)
    rows = [(live[slot], (revealed or {}).get(slot, "")) for slot in AuthToken.Slot.values if slot in live]
    context = {
        "rows": rows,
        "rotating": AuthToken.Slot.SECONDARY in live,
        "examples": _examples(project),
        "may_manage": Right.MANAGE_KEYS in project.my_rights,
    }
    return render(request, "projects/keys.html", context)


def _examples(project: Project) -> list[tuple[str, str]]:
    """Commands to paste. The number is of a range kept for fiction, so nothing is bought by accident."""
    url = settings.SITE_URL
    return [
        ("List numbers for sale", f'curl "{url}/listnewnumbers?country=US&limit=0,20&number_type=DID"'),
        (
            "Buy a number",
            " \\\n  ".join(
                [
                    f"curl -X POST {url}/purchasenumber",
                    f"-d projectid={project.pid}",
                    '-d "authtoken=$AUTH_TOKEN"',
                    "-d number=12125550123",
                    "-d action=purchase",
                ]
            ),
        ),
    ]


@read_and_write
@project_view(Right.MANAGE_KEYS)
@reauthentication_required(allow_get=True)
def reveal(request: PortalRequest, project: Project, slot: str) -> HttpResponse:
    """The token is in this one answer and nowhere else: not in the address, the session or a log."""
    if request.method != "POST":
        return redirect("projects:keys", project.pid)
    token = tokens.reveal(project=project, slot=slot, by=actor.from_request(request))
    return _keys_page(request, project, {slot: token})


@dataclass(frozen=True)
class KeyChange:
    """What the confirmation of a step of the rotation says."""

    heading: str
    text: str
    button: str
    done: str
    danger: bool = False


KEY_CHANGES = {
    "rotate": KeyChange(
        "Add a secondary token?",
        "A second auth token is created. Your current token keeps working, so you can move your "
        "programs to the new one at your own pace.",
        "Add secondary token",
        "The secondary token is ready. Both tokens work now.",
    ),
    "promote": KeyChange(
        "Promote the secondary token?",
        "The secondary token becomes the primary one. The old primary token stops working at once: "
        "any program still using it is refused.",
        "Promote and revoke the old token",
        "The new token is the primary one. The old token no longer works.",
        danger=True,
    ),
    "revoke": KeyChange(
        "Revoke the secondary token?",
        "The secondary token stops working at once. The primary token is not affected.",
        "Revoke secondary token",
        "The secondary token no longer works.",
        danger=True,
    ),
}


@read_and_write
@project_view(Right.MANAGE_KEYS)
@reauthentication_required(allow_get=True)
def change_keys(request: PortalRequest, project: Project, change: str) -> HttpResponse:
    """GET asks for confirmation, in a dialog or on a page; POST makes the change."""
    templates = ("projects/_confirm.html", "projects/confirm.html")
    if request.method != "POST":
        return dialogs.show(request, *templates, {"change": KEY_CHANGES[change]})
    act = {"rotate": tokens.rotate, "promote": tokens.promote, "revoke": tokens.revoke_secondary}[change]
    try:
        act(project=project, by=actor.from_request(request))
    except DomainError as error:  # somebody else was faster
        return dialogs.show(
            request, *templates, {"change": KEY_CHANGES[change], "refusal": error}, status=error.page_status
        )
    messages.success(request, KEY_CHANGES[change].done)
    return redirect_page(request, reverse("projects:keys", args=[project.pid]))


@read_and_write
@project_view(write=Right.MANAGE_PROJECT)
def settings_page(request: PortalRequest, project: Project) -> HttpResponse:
    form = NameForm(sent(request), initial={"name": project.name})
    if request.method == "POST" and form.is_valid():
        by, name = actor.from_request(request), form.cleaned_data["name"]
        if call_service(form, lambda: services.rename_project(project=project, name=name, by=by)):
            messages.success(request, "The name was saved.", extra_tags=BRIEF)
            return redirect("projects:settings", project.pid)
    return _settings(request, project, form, ArchiveForm())


@post_only("projects:settings", "pid")
@project_view(Right.OWN_PROJECT)
def archive(request: PortalRequest, project: Project) -> HttpResponse:
    form, by = ArchiveForm(request.POST), actor.from_request(request)
    if form.is_valid():
        typed = form.cleaned_data["typed_name"]
        if call_service(form, lambda: services.archive_project(project=project, typed_name=typed, by=by)):
            messages.success(request, f"“{project.name}” was archived.", extra_tags=BRIEF)
            return redirect("projects:settings", project.pid)
    return _settings(request, project, NameForm(initial={"name": project.name}), form)


@post_only("projects:settings", "pid")
@project_view(Right.OWN_PROJECT)
def restore(request: PortalRequest, project: Project) -> HttpResponse:
    return act_and_redirect(
        request,
        lambda: services.restore_project(project=project, by=actor.from_request(request)),
        done=f"“{project.name}” is active again.",
        to=reverse("projects:settings", args=[project.pid]),
        refused=messages.WARNING,
    )


def _settings(request: PortalRequest, project: Project, form: NameForm, archive_form: ArchiveForm) -> HttpResponse:
    context = {
        "form": form,
        "archive_form": archive_form,
        "may_rename": Right.MANAGE_PROJECT in project.my_rights,
        "may_archive": Right.OWN_PROJECT in project.my_rights,
        "owner": _owner(project),
    }
    return render(request, "projects/settings.html", context, status=form_status(form, archive_form))


def _owner(project: Project) -> User:
    return project.memberships.select_related("user").get(role=Role.OWNER).user
