"""The request as views behind :func:`projects.access.project_view` get it. For annotations only: Django makes it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from portal.accounts.models import User
from projects.models import Project


class PortalRequest(HttpRequest):
    """Somebody is signed in, because every page that is not marked as public demands it."""

    user: User
    project: Project  # set by project_view
    htmx: HtmxDetails  # for templates; code asks portal.core.htmx, which needs no middleware
