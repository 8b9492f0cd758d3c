"""The API reference in the portal."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from numbers.guide_api import reference
from projects.access import Right, project_view
from projects.models import Project


@require_safe
@project_view(Right.VIEW)
def api_reference(request: HttpRequest, project: Project) -> HttpResponse:
    context = {"calls": reference.calls(project), "limits": reference.limits(), "base_url": settings.SITE_URL}
    return render(request, "numbers/guide_api/reference.html", context)
