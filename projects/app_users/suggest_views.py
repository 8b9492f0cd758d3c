"""The look-ahead of fields that take an App Username/Login ID."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.core.htmx import is_htmx
from portal.core.pages import part_of
from projects.access import Right, project_view
from projects.app_users.models import DISPLAY_NAME_LENGTH
from projects.app_users.queries import suggestions
from projects.models import Project
from projects.request import PortalRequest


@part_of("projects:app_users", "pid")
@require_safe
@project_view(Right.VIEW)
def suggest(request: PortalRequest, project: Project) -> HttpResponse:
    """``GET …/app-users/suggest/?q=al``: active app users whose username or display name begins so, in any case; at
    most 10, those by username first. Without ``q`` the first ones of all; what nothing can begin with finds nothing.

    A script gets ``{"app_users": [{"username": "alice", "display_name": "Alice Winter"}, …]}``; ``display_name`` may
    be "". htmx gets the options of a ``<datalist>``: ``<option value="alice" label="Alice Winter"></option>`` …, and
    may send the field under its own name, ``username``:

        <input name="username" list="app-users" hx-get="{% url 'projects:app_user_suggest' project.pid %}"
               hx-trigger="input changed delay:150ms, focus once" hx-target="#app-users" hx-sync="this:replace">
        <datalist id="app-users"></datalist>
    """
    beginning = (request.GET.get("q") or request.GET.get("username", "")).strip()
    found = suggestions(project, beginning) if len(beginning) <= DISPLAY_NAME_LENGTH else []
    if is_htmx(request):
        return render(request, "projects/app_users/_suggestions.html", {"app_users": found})
    return JsonResponse(
        {"app_users": [{"username": each.username, "display_name": each.display_name} for each in found]}
    )
