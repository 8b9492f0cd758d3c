"""Numbers › Buy a new Number."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from numbers.inventory import search_context
from numbers.inventory.live import tokens
from portal.core.htmx import is_htmx
from portal.core.pages import part_of
from projects.access import Right, project_view
from projects.models import Project
from projects.request import PortalRequest


@require_safe
@project_view(Right.VIEW)
def search(request: PortalRequest, project: Project) -> HttpResponse:
    found = search_context.build(request.GET)
    return render(request, "numbers/inventory/search.html", _context(project, found), status=found.status)


@part_of("numbers:search", "pid")
@require_safe
@project_view(Right.VIEW)
def results(request: PortalRequest, project: Project) -> HttpResponse:
    """The part of the page that changes as one types; the address bar shows the page that holds it."""
    found = search_context.build(request.GET)
    after = request.GET.get("after", "") if "after" not in found.errors else ""
    address = f"{reverse('numbers:search', args=[project.pid])}?{found.query_string(after=after)}"
    if not is_htmx(request):
        return redirect(address)
    context = _context(project, found) | {"live": True}
    response = render(request, "numbers/inventory/_results.html", context, status=found.status)
    # Each page of results is a step back for the browser; a letter typed is not, nor the same page read anew.
    is_step = bool(after) and "X-Refresh" not in request.headers
    response["HX-Push-Url" if is_step else "HX-Replace-Url"] = address
    return response


def _context(project: Project, found: search_context.SearchContext) -> dict[str, object]:
    rights = project.my_rights
    return {
        "search": found,
        "may_buy": Right.MANAGE_NUMBERS in rights and project.is_active,
        "live_url": tokens.PATH,
        "live_token": tokens.sign(project.pk),
    }
